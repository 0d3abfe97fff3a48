//! A private folder for files that are being made or shown, gone at the end. Beside the database it is on its file system.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{CommandError, ErrorKind};
use crate::trusted_file::{create_folder, create_new, folder_of};

/// More are not left by killed processes of one number.
const MOST_TRIES: u32 = 100;

pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn beside(database: &Path) -> Result<Scratch, CommandError> {
        Scratch::within(folder_of(database))
    }

    pub(super) fn within(folder: &Path) -> Result<Scratch, CommandError> {
        let id = std::process::id();
        let names = (0..MOST_TRIES).map(|number| folder.join(format!(".callq-{id}-{number}.scratch")));
        let path = names.into_iter().find(|path| !path.exists()).unwrap_or_default();
        create_folder(&path).map_err(|error| cannot_make(&path, &error))?;
        Ok(Scratch(path))
    }

    /// A new empty file in it.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf, CommandError> {
        let path = self.0.join(name);
        create_new(&path).map_err(|error| cannot_make(&path, &error))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is small harm: nobody reads it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn cannot_make(path: &Path, error: &io::Error) -> CommandError {
    CommandError::message(ErrorKind::Failed, format!("cannot make {}: {error}", path.display()))
}
