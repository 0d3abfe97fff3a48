//! Makes files and folders for their owner alone, whatever the umask; what root makes beside another user's file gets
//! that owner.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::user;

/// Makes a file (0600) that was not there, for writing and reading.
///
/// # Errors
/// When there is something of that name, or it cannot be made.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    make_private(&file)?;
    Ok(file)
}

/// Closes a file that callq has made to everybody but its owner. The umask can only have taken rights of the owner away.
///
/// # Errors
/// When the operating system refuses.
pub(crate) fn make_private(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o600))
}

/// Makes a folder (0700), and the folders in which it stands.
///
/// # Errors
/// When one cannot be made.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let is_new = !path.exists();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if is_new { fs::set_permissions(path, Permissions::from_mode(0o700)) } else { Ok(()) }
}

/// Gives a file that root has just made beside `model` to the owner of `model`; for all other users it does nothing.
///
/// # Errors
/// When the operating system refuses.
pub(crate) fn give_to_owner_of(model: &Path, made: impl AsFd) -> io::Result<()> {
    if user() != 0 {
        return Ok(());
    }
    let owner = fs::symlink_metadata(model)?;
    if owner.uid() == 0 {
        return Ok(());
    }
    std::os::unix::fs::fchown(made, Some(owner.uid()), Some(owner.gid()))
}

/// The same for a folder.
///
/// # Errors
/// When it cannot be opened, also when it was exchanged for a link meanwhile.
pub(crate) fn give_folder_to_owner_of(model: &Path, folder: &Path) -> io::Result<()> {
    if user() != 0 {
        return Ok(());
    }
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    give_to_owner_of(model, rustix::fs::open(folder, flags, Mode::empty())?)
}
