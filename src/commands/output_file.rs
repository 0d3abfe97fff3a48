//! A file that a person names for writing: nothing of callq's own is overwritten, and an old file stays until the new one
//! is whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IntoInnerError, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::context::Context;
use crate::config::Settings;
use crate::error::{CommandError, ErrorKind};
use crate::trusted_file::{COMPANIONS, LEASES, beside, create_new, folder_of};

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

fn refused(flag: &str, path: &Path, what: &str, way_out: &str) -> CommandError {
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
        let opened = if self.is_straight {
            straight(&self.path).map(|file| OutputFile { out: BufWriter::new(file), unfinished: None })
        } else {
            beside_target(&self.path)
        };
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

/// The folder and the number of a descriptor that is open already, to which a path such as `/dev/stdout` or `/dev/fd/3`
/// leads. There a regular file is written as it is: it is the caller's.
fn descriptor(path: &Path) -> Option<(PathBuf, u32)> {
    /// As many links as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = folder_of(&path).canonicalize().ok()?;
        let name = path.file_name()?;
        if folder.starts_with("/proc") && folder.ends_with("fd") {
            let number = name.to_str()?.parse().ok()?;
            return Some((folder, number));
        }
        path = folder.join(fs::read_link(folder.join(name)).ok()?);
    }
    None
}

/// Opens what is written straight. Our own streams go on where they are; all else takes what comes at its end.
fn straight(path: &Path) -> io::Result<File> {
    let is_ours = |folder: &Path| fs::canonicalize("/proc/self/fd").is_ok_and(|ours| ours == folder);
    match descriptor(path) {
        Some((folder, 1)) if is_ours(&folder) => Ok(io::stdout().as_fd().try_clone_to_owned()?.into()),
        Some((folder, 2)) if is_ours(&folder) => Ok(io::stderr().as_fd().try_clone_to_owned()?.into()),
        _ => OpenOptions::new().append(true).open(path),
    }
}

/// Makes a hidden file beside the target, so that a rename puts it in place.
fn beside_target(target: &Path) -> io::Result<OutputFile> {
    /// More are not left by killed processes of one number.
    const MOST_TRIES: u32 = 100;
    let id = std::process::id();
    for number in 0..MOST_TRIES {
        let temporary = folder_of(target).join(format!(".callq-{id}-{number}.new"));
        match create_new(&temporary) {
            Ok(file) => {
                let unfinished = Unfinished { temporary, target: target.to_owned() };
                return Ok(OutputFile { out: BufWriter::new(file), unfinished: Some(unfinished) });
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A file that is being written. Dropped, it leaves the old one as it was.
#[derive(Debug)]
pub(super) struct OutputFile {
    out: BufWriter<File>,
    /// None for what is written straight.
    unfinished: Option<Unfinished>,
}

impl OutputFile {
    /// The hidden file that gets its name at the end; none for what is written straight.
    pub(super) fn unfinished_path(&self) -> Option<&Path> {
        self.unfinished.as_ref().map(|unfinished| unfinished.temporary.as_path())
    }

    /// Puts all that was written on disk, still under its temporary name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(self) -> io::Result<Finished> {
        let file = self.out.into_inner().map_err(IntoInnerError::into_error)?;
        if self.unfinished.is_some() {
            file.sync_all()?;
        }
        Ok(Finished(self.unfinished))
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file that is whole and waits for its name. Dropped, it leaves the old one as it was.
#[derive(Debug)]
pub(super) struct Finished(Option<Unfinished>);

impl Finished {
    /// Gives the file its name, in place of an old one.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub(super) fn put_in_place(self) -> io::Result<()> {
        let Some(unfinished) = self.0 else { return Ok(()) };
        fs::rename(&unfinished.temporary, &unfinished.target)?;
        File::open(folder_of(&unfinished.target))?.sync_all()
    }
}

#[derive(Debug)]
struct Unfinished {
    temporary: PathBuf,
    target: PathBuf,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename the temporary file is gone.
        let _ = fs::remove_file(&self.temporary);
    }
}
