//! The configuration in an editor: a copy beside the file, checked before it takes its place.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::load::resolve_text;
use super::locations::Locations;
use super::replace::{Exclusive, beside};
use super::shown::SAMPLE;
use crate::trusted_file::create_new;

/// A copy of the configuration that a person edits.
#[derive(Debug)]
pub struct EditorFile {
    path: PathBuf,
    /// What the file said when the copy was made; none without a file.
    old: Option<String>,
    copy: PathBuf,
}

/// What became of the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It took the place of the file.
    Changed,
    /// It says what the file says.
    Unchanged,
    /// Somebody else changed the file meanwhile; the copy stays.
    Overtaken,
}

impl EditorFile {
    /// Makes the copy, for its owner only: of the file, or of the sample where there is none. A copy that an earlier edit
    /// left behind is taken up again, unless the file was changed since.
    ///
    /// # Errors
    /// When the file cannot be read or the copy cannot be written.
    pub fn open(path: &Path) -> Result<EditorFile, ConfigError> {
        let file = Exclusive::lock(path)?;
        let old = file.read()?;
        let copy = beside(path, ".edit");
        if copy.exists() {
            let changed = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
            if old.is_some() && changed(&copy) < changed(path) {
                return Err(ConfigError::Exists { path: copy });
            }
        } else {
            let text = old.as_deref().unwrap_or(SAMPLE);
            let written = create_new(&copy).and_then(|mut file| file.write_all(text.as_bytes()));
            written.map_err(ConfigError::io(&copy, "write a copy to edit"))?;
        }
        Ok(EditorFile { path: path.to_owned(), old, copy })
    }

    /// The file to open in the editor.
    pub fn copy(&self) -> &Path {
        &self.copy
    }

    /// Puts the copy in place of the file.
    ///
    /// # Errors
    /// Every problem of the copy when it is wrong, and what keeps it from being read or written; the copy stays.
    pub fn save(&self) -> Result<Saved, ConfigError> {
        let new = fs::read_to_string(&self.copy).map_err(ConfigError::io(&self.copy, "read the edited copy"))?;
        if self.old.as_ref() == Some(&new) {
            self.discard()?;
            return Ok(Saved::Unchanged);
        }
        resolve_text(new.clone(), Some(self.path.clone()), &Locations::default())?;
        let file = Exclusive::lock(&self.path)?;
        if file.read()? != self.old {
            return Ok(Saved::Overtaken);
        }
        file.replace(&new)?;
        self.discard()?;
        Ok(Saved::Changed)
    }

    /// Removes the copy.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn discard(&self) -> Result<(), ConfigError> {
        fs::remove_file(&self.copy).map_err(ConfigError::io(&self.copy, "remove the edited copy"))
    }
}
