//! A path that a person names for writing: nothing of callq's own is overwritten.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::output_file::{OutputFile, descriptor};
use super::protected::{Protected, refused};
use crate::error::{CommandError, ErrorKind};

/// A path for writing that was found to be harmless.
pub(super) struct OutputPath {
    path: PathBuf,
    /// It is a terminal, a pipe or a device.
    is_straight: bool,
}

impl OutputPath {
    /// Looks at a path before anything happens.
    ///
    /// # Errors
    /// When it is protected, a folder, a database, or a symbolic link to a file, which is not followed.
    pub(super) fn check(flag: &str, path: &Path, protected: &Protected) -> Result<OutputPath, CommandError> {
        OutputPath::check_unless(flag, path, protected, |_| false)
    }

    /// The same for a copy of the database, which may replace an older one.
    ///
    /// # Errors
    /// As for [`OutputPath::check`].
    pub(super) fn check_copy(flag: &str, path: &Path, protected: &Protected) -> Result<OutputPath, CommandError> {
        OutputPath::check_unless(flag, path, protected, is_copy)
    }

    fn check_unless(
        flag: &str,
        path: &Path,
        protected: &Protected,
        is_replaced: impl FnOnce(&Path) -> bool,
    ) -> Result<OutputPath, CommandError> {
        protected.refuse(flag, path)?;
        let output = |is_straight| Ok(OutputPath { path: path.to_owned(), is_straight });
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(refused(flag, path, "is a folder", "name a file")),
            Ok(found) if !found.is_file() => output(true),
            Ok(_) if descriptor(path).is_some() => output(true),
            _ if path.is_symlink() => {
                Err(refused(flag, path, "is a symbolic link, which is not followed", "name the file itself"))
            }
            Ok(_) if is_database(path) && !is_replaced(path) => {
                Err(refused(flag, path, "is a database", "name another file"))
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(path, &error)),
            Ok(_) | Err(_) => output(false),
        }
    }

    /// Opens it: the file gets its name when it is whole.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(super) fn open(&self) -> Result<OutputFile, CommandError> {
        let opened = if self.is_straight { OutputFile::straight(&self.path) } else { OutputFile::beside(&self.path) };
        opened.map_err(|error| cannot_write(&self.path, &error))
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> CommandError {
    CommandError::message(ErrorKind::Failed, format!("cannot write {}: {error}", path.display()))
}

/// Whether there is an SQLite file: a queue, or a copy of one.
fn is_database(path: &Path) -> bool {
    head(path).is_some_and(|head| head.starts_with(b"SQLite format 3\0"))
}

/// Whether there is a copy that `callq backup` made. A queue in use has a log, and says so at the places 18 and 19; a copy
/// has none. Its owner is named at place 68 (sqlite.org, "Database File Format").
fn is_copy(path: &Path) -> bool {
    head(path).is_some_and(|head| head.get(18..20) == Some(&[1, 1]) && head.get(68..72) == Some(b"clq1"))
}

fn head(path: &Path) -> Option<[u8; 72]> {
    let mut head = [0; 72];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).ok().map(|()| head)
}
