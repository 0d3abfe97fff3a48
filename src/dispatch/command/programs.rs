//! The programs of a run: each name is looked up in `PATH` once, and each file is looked at before each start.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::trusted_file::{Untrusted, check_program, find_program};

/// The programs that were looked up.
#[derive(Debug)]
pub(super) struct Programs {
    path: Option<OsString>,
    found: HashMap<String, PathBuf>,
}

impl Programs {
    /// Programs in the folders of `path`, a value of `PATH`.
    pub(super) fn of(path: Option<&OsStr>) -> Programs {
        Programs { path: path.map(OsStr::to_owned), found: HashMap::new() }
    }

    /// The file to start for a program's name.
    ///
    /// # Errors
    /// When others may write the file.
    pub(super) fn file(&mut self, name: &str) -> Result<&Path, Untrusted> {
        let file = self.found.entry(name.to_owned()).or_insert_with(|| find_program(name, self.path.as_deref()));
        check_program(file)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_no_name_to_look_up_and_what_is_found_is_remembered() {
        let mut programs = Programs::of(Some(OsStr::new("/usr/bin:/bin")));
        assert_eq!(programs.file("./no/such").unwrap(), Path::new("./no/such"));
        assert_eq!(programs.file("no-such-program-anywhere").unwrap(), Path::new("no-such-program-anywhere"));
        let shell = programs.file("sh").unwrap().to_owned();
        assert!(shell.is_absolute(), "{shell:?}");
        assert_eq!(programs.found.len(), 3);
    }
}
