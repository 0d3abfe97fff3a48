//! Replaces the configuration file as a whole, so that a reader sees the old text or the new, and one change at a time.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::source_text;
use crate::trusted_file::{create_folder, create_new, folder_of, make_private};

/// A configuration file that no other callq changes while this lives.
///
/// A path that is a link stays one: the file behind it is replaced. The lock is one on a file beside it, which stays
/// there, since removing it would let two processes hold locks on two files of that name.
#[derive(Debug)]
pub(super) struct Exclusive {
    /// The file itself, behind all links.
    file: PathBuf,
    _lock: File,
}

impl Exclusive {
    /// Waits for the others' changes. The folder is made when it is missing, for its owner only.
    pub(super) fn lock(path: &Path) -> Result<Exclusive, ConfigError> {
        let file = match path.canonicalize() {
            Ok(file) => file,
            // A link to a file that is not there would be lost under the new file.
            Err(error) if path.is_symlink() => return Err(ConfigError::io(path, "follow the link")(error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(ConfigError::io(path, "look at the configuration")(error)),
        };
        let folder = folder_of(&file);
        create_folder(folder).map_err(ConfigError::io(folder, "make the folder"))?;
        source_text::check_folder(folder)?;
        refuse_device(&file)?;
        let path = beside(&file, ".lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(no_follow())
            .open(&path)
            .map_err(ConfigError::io(&path, "open the lock"))?;
        make_private(&lock).map_err(ConfigError::io(&path, "close the lock to others"))?;
        lock.lock().map_err(ConfigError::io(&path, "lock"))?;
        Ok(Exclusive { file, _lock: lock })
    }

    /// The text as it is now, or `None` without a file.
    pub(super) fn read(&self) -> Result<Option<String>, ConfigError> {
        source_text::read(&self.file)
    }

    /// Puts a text in place of the file, durably; the mode is kept, and 0600 for a new file.
    pub(super) fn replace(&self, text: &str) -> Result<(), ConfigError> {
        let mode = match self.file.metadata() {
            Ok(metadata) => metadata.permissions().mode() & 0o7777,
            Err(_) => 0o600,
        };
        let temporary = beside(&self.file, ".new");
        // What a killed process left behind; nobody else writes it under the lock.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ConfigError::io(&temporary, "remove a left-over file")(error));
            }
            _ => {}
        }
        let written =
            self.write(&temporary, text, mode).map_err(ConfigError::io(&self.file, "write the configuration"));
        if written.is_err() {
            // The first error is the one to tell.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn write(&self, temporary: &Path, text: &str, mode: u32) -> io::Result<()> {
        let mut file = create_new(temporary)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()?;
        fs::rename(temporary, &self.file)?;
        File::open(folder_of(&self.file))?.sync_all()
    }
}

/// A device or a pipe can be read as a configuration, but a file in its place would be none.
fn refuse_device(file: &Path) -> Result<(), ConfigError> {
    match fs::metadata(file) {
        Ok(found) if !found.is_file() && !found.is_dir() => Err(ConfigError::NotAConfiguration {
            path: file.to_owned(),
            reason: "is not a file, and cannot be changed: name a file",
        }),
        _ => Ok(()),
    }
}

/// `.config.toml.lock` of `config.toml`, in the same folder.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(ending);
    folder_of(file).join(name)
}

/// Opening fails when the last part of the path is a link.
fn no_follow() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default()
}
