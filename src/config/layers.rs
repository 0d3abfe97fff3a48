//! What sets keys above the built-in values, and where in the file each of them stands.

use std::path::{Path, PathBuf};

use super::document::{Document, Entries, Entry};
use super::error::{Location, Problem};
use crate::trusted_file::folder_of;

/// What sets keys above the built-in values, lowest first: `[defaults]`, variables, `[clients.NAME]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers {
    /// The file that was looked for; `None` without a home directory.
    pub(super) path: Option<PathBuf>,
    pub(super) document: Document,
    pub(super) variables: Entries,
}

impl Layers {
    /// A path of the file, made whole by the file's folder.
    pub(super) fn beside_file(&self, path: &Path) -> PathBuf {
        self.path.as_deref().map_or_else(|| path.to_owned(), |file| folder_of(file).join(path))
    }

    /// A problem of an entry, at its variable or at a byte of the file.
    pub(super) fn problem_of(&self, entry: &Entry, byte: usize, message: String) -> Problem {
        match entry.variable {
            Some(name) => {
                Problem { spot: Location::Variable { name: name.to_owned(), value: entry.value.bare() }, message }
            }
            None => self.problem_at(byte, message),
        }
    }

    /// A problem at a byte of the file.
    pub(super) fn problem_at(&self, byte: usize, message: String) -> Problem {
        let (line, column) = self.document.line_and_column(byte);
        let path = self.path.clone().unwrap_or_default();
        Problem { spot: Location::File { path, line, column }, message }
    }
}
