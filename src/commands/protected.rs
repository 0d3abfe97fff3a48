//! What no command overwrites: everything that callq works with, by whatever name.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::context::Context;
use crate::config::Settings;
use crate::error::{CommandError, ErrorKind};
use crate::trusted_file::{COMPANIONS, LEASES, beside, folder_of};

/// What no command overwrites, each with its name in messages.
pub(super) struct Protected {
    files: Vec<(&'static str, PathBuf)>,
    leases: Option<PathBuf>,
}

impl Protected {
    /// The database, with all that lies beside it.
    pub(super) fn database(path: &Path) -> Protected {
        let mut files = vec![("the database", path.to_owned())];
        let companions = COMPANIONS.iter().filter(|end| **end != LEASES);
        files.extend(companions.map(|end| ("a part of the database", beside(path, end))));
        Protected { files, leases: Some(beside(path, LEASES)) }
    }

    /// Everything that callq works with: the database, the configuration and all files that it names.
    pub(super) fn of(settings: &Settings, context: &Context<'_>) -> Result<Protected, CommandError> {
        let mut protected = Protected::database(&context.database_path()?);
        let mut add = |name, paths: Vec<PathBuf>| protected.files.extend(paths.into_iter().map(|path| (name, path)));
        add("the configuration", settings.path().map(Path::to_owned).into_iter().collect());
        add("a calendar of the configuration", settings.calendars());
        add("a file with a key", settings.key_files());
        add("the program that places calls", settings.programs(context.surroundings.locations.path.as_deref()));
        Ok(protected)
    }

    /// The input of the command too.
    pub(super) fn and_input(mut self, path: Option<&Path>) -> Protected {
        let path = path.map(|path| if path.as_os_str() == "-" { Path::new("/dev/stdin") } else { path });
        self.files.extend(path.map(|path| ("the input itself", path.to_owned())));
        self
    }

    /// Refuses a path that leads to one of the files, by whatever name.
    ///
    /// # Errors
    /// What it leads to; `flag` is what the person named it by.
    pub(super) fn refuse(&self, flag: &str, path: &Path) -> Result<(), CommandError> {
        let found = self.files.iter().find(|(_, file)| is_same(path, file)).map(|(name, _)| *name);
        let found = found.or_else(|| self.is_lease(path).then_some("one of the leases"));
        match found {
            Some(name) => Err(refused(flag, path, &format!("is {name}"), "name another file")),
            None => Ok(()),
        }
    }

    /// Whether a path is the folder of leases, lies in it, there already or not, or is another name of a file in it.
    fn is_lease(&self, path: &Path) -> bool {
        let Some(leases) = &self.leases else { return false };
        let whole = folder_of(path).canonicalize().ok();
        let mut above = path.ancestors().chain(whole.iter().flat_map(|folder| folder.ancestors()));
        if above.any(|path| !path.as_os_str().is_empty() && is_same(path, leases)) {
            return true;
        }
        let Some(identity) = identity(path) else { return false };
        let entries = fs::read_dir(leases).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| self::identity(&entry.path()) == Some(identity))
    }
}

pub(super) fn refused(flag: &str, path: &Path, what: &str, way_out: &str) -> CommandError {
    CommandError::message(ErrorKind::Usage, format!("{flag}: {} {what}", path.display())).with_hint(way_out)
}

/// The file or folder behind all links; none for pipes and devices, in which nothing is overwritten.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(path).ok()?;
    (found.is_file() || found.is_dir()).then(|| (found.dev(), found.ino()))
}

/// The folder and the name, for what is not there yet.
fn place(path: &Path) -> Option<((u64, u64), OsString)> {
    Some((identity(folder_of(path))?, path.file_name()?.to_owned()))
}

/// Whether two paths lead to one file, or would.
fn is_same(path: &Path, other: &Path) -> bool {
    match (identity(path), identity(other)) {
        (Some(path), Some(other)) => path == other,
        _ => place(path).is_some_and(|found| place(other) == Some(found)),
    }
}
