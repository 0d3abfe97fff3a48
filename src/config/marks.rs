//! The files that a configuration was read from, and the marks by which a change of one of them is seen.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::law;
use super::load::Settings;
use super::read;
use super::value::Value;
use crate::trusted_file::find_program;

/// What a file looks like from outside; none when it is not there.
type Mark = Option<(u64, u64, u64, i64, i64, i64, i64)>;

/// The state of files at one instant. Two states are the same unless one of the files was written, replaced or removed
/// in between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileMarks(BTreeMap<PathBuf, Mark>);

impl FileMarks {
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> FileMarks {
        FileMarks(paths.into_iter().map(|path| (path.clone(), mark(&path))).collect())
    }

    /// The same files as they look now.
    #[must_use]
    pub fn now(&self) -> FileMarks {
        FileMarks::of(self.0.keys().cloned())
    }

    /// The marks of `paths` from before they were read, where they were known then; else from now.
    #[must_use]
    pub fn narrowed_to(&self, paths: impl IntoIterator<Item = PathBuf>) -> FileMarks {
        let known = |path: &PathBuf| self.0.get(path).copied().unwrap_or_else(|| mark(path));
        FileMarks(paths.into_iter().map(|path| (path.clone(), known(&path))).collect())
    }
}

fn mark(path: &PathBuf) -> Mark {
    // Both times: a file that is put back with its old date has a new inode or a new time of change.
    let of = |metadata: fs::Metadata| {
        (
            metadata.dev(),
            metadata.ino(),
            metadata.len(),
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.ctime(),
            metadata.ctime_nsec(),
        )
    };
    fs::metadata(path).ok().map(of)
}

impl Settings {
    /// The files that these settings were read from: the configuration, there or not, and the calendars and files of
    /// rules that it names.
    pub fn files(&self) -> Vec<PathBuf> {
        self.layers.path.iter().cloned().chain(self.calendars()).chain(self.files_of_rules()).collect()
    }

    /// The calendars that any section names.
    pub fn calendars(&self) -> Vec<PathBuf> {
        let named = self.values_of("holiday_files").filter_map(|value| read::list(value, "paths", read::path).ok());
        named.flatten().map(|path| self.layers.beside_file(&path)).collect()
    }

    /// The files of rules that any section names, and the calendars of their rows.
    fn files_of_rules(&self) -> Vec<PathBuf> {
        let named = self.values_of("law.rules_files").filter_map(|value| read::list(value, "paths", read::path).ok());
        law::files(&self.layers, &named.flatten().collect::<Vec<_>>())
    }

    /// The files with keys that any section names, whether its client uses them or not.
    pub fn key_files(&self) -> Vec<PathBuf> {
        let named = self.values_of("dispatch.api_key_file").filter_map(|value| read::path(value).ok());
        named.map(|path| self.layers.beside_file(&path)).collect()
    }

    /// The programs that any section names, looked up in the folders of `path`, a value of `PATH`.
    pub fn programs(&self, path: Option<&OsStr>) -> Vec<PathBuf> {
        let commands = self.policies.all().filter_map(|policy| policy.dispatch.command.first());
        commands.map(|program| find_program(program, path)).collect()
    }

    /// What the sections set a key of policies to.
    fn values_of<'a>(&'a self, key: &'static str) -> impl Iterator<Item = &'a Value> {
        let document = &self.layers.document;
        let sections = document.clients.values().map(|section| &section.entries).chain([&document.defaults]);
        sections.filter_map(move |entries| entries.get(key)).map(|entry| &entry.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Locations, load};

    #[test]
    fn a_change_of_the_file_or_of_a_calendar_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n";
        fs::write(path("one.ics"), calendar).unwrap();
        fs::write(path("two.ics"), calendar).unwrap();
        let text = "[defaults]\nholiday_files = [\"one.ics\"]\n[clients.acme]\nholiday_files = [\"two.ics\"]\n";
        fs::write(path("config.toml"), text).unwrap();
        let settings = load(&Locations { config_flag: Some(path("config.toml")), ..Locations::default() }).unwrap();
        let mut files = settings.files();
        files.sort();
        assert_eq!(files, ["config.toml", "one.ics", "two.ics"].map(path));
        let marks = FileMarks::of(settings.files());
        assert_eq!(marks.now(), marks);
        for name in ["config.toml", "one.ics", "two.ics"] {
            let before = marks.now();
            fs::write(path("new"), "# another one\n").unwrap();
            fs::rename(path("new"), path(name)).unwrap();
            assert_ne!(marks.now(), before, "{name}");
            assert_eq!(before.narrowed_to(settings.files()), before, "the mark of before it was read counts");
        }
        let before = marks.now();
        fs::remove_file(path("one.ics")).unwrap();
        assert_ne!(marks.now(), before);
    }
}
