//! Programs that place calls, and keys: which file `PATH` gives for a program's name, and whether others may write it.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::{Role, Untrusted, check, user};

/// The file to start for a program's name: the first of `path`, the folders of `PATH`, that can be executed. A name with
/// a slash is the file; so is one that no folder has: starting it tells what is wrong.
pub(crate) fn find_program(name: &str, path: Option<&OsStr>) -> PathBuf {
    let path = path.filter(|_| !name.contains('/') && !name.is_empty());
    path.and_then(|path| find(name, path)).unwrap_or_else(|| PathBuf::from(name))
}

fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    // An empty entry is the present folder; with a dot before it the name is not looked up again.
    let mut files = env::split_paths(path).map(|folder| Path::new(".").join(folder).join(name));
    files.find(|file| file.is_file() && access(file, Access::EXEC_OK).is_ok())
}

/// Refuses a program that others may write. What is wrong with it otherwise, its start tells.
///
/// # Errors
/// Who may write it, and the command that closes it.
pub(crate) fn check_program(file: &Path) -> Result<(), Untrusted> {
    let role = Role { name: "this program", danger: "who could have callq run another one" };
    fs::metadata(file).map_or(Ok(()), |found| check(file, &found, user(), role))
}

/// Refuses a file with a key that others may write.
///
/// # Errors
/// Who may write it, and the command that closes it.
pub(crate) fn check_key_file(path: &Path, found: &Metadata) -> Result<(), Untrusted> {
    check(
        path,
        found,
        user(),
        Role { name: "this file with a key", danger: "who could put another account's key there" },
    )
}

/// Reads a file with a key of at most this many bytes, and one more byte than a key and its line's end can have, so that a
/// longer text is seen to be longer.
///
/// # Errors
/// When it cannot be read, is no regular file, or others may write it.
pub(crate) fn read_key_file(path: &Path, longest: usize) -> io::Result<Vec<u8>> {
    // A pipe would keep the run waiting before it is opened.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let file = File::open(path)?;
    check_key_file(path, &file.metadata()?)
        .map_err(|untrusted| io::Error::other(format!("{}; `{}`", untrusted.reason, untrusted.remedy)))?;
    let mut bytes = Vec::new();
    file.take(2 * longest as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place(folder: &Path, mode: u32) {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("dial"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(folder.join("dial"), Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_first_file_of_the_path_that_can_be_executed_is_found() {
        let root = tempfile::tempdir().unwrap();
        let folders = ["missing", "folder", "plain", "first", "second"].map(|name| root.path().join(name));
        fs::create_dir_all(folders[1].join("dial")).unwrap();
        place(&folders[2], 0o600);
        place(&folders[3], 0o700);
        place(&folders[4], 0o700);
        let path = env::join_paths(&folders).unwrap();
        assert_eq!(find("dial", &path), Some(folders[3].join("dial")));
        assert_eq!(find("dial", &env::join_paths(&folders[..3]).unwrap()), None);
    }

    #[test]
    fn a_relative_entry_is_a_folder_of_the_present_one() {
        // Tests run in the folder of the package.
        assert_eq!(find("run", OsStr::new(".ci")), Some(PathBuf::from("./.ci/run")));
    }
}
