//! Leases: a file lock that lives exactly as long as the dispatcher of one attempt.
//!
//! The lock belongs to the open file, which a program started under [`Lease::inherited`] shares. So it outlives a run that
//! is killed, and ends with the last process that holds the file, with a reboot or with a power loss. A lease is never
//! unlocked, which would take the lock from the program too; it is only closed.

mod mark;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf, absolute};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::{FdFlags, fcntl_setfd};

pub use self::mark::Mark;
use super::holders::{Holder, holders};
use crate::model::{AttemptId, StartedCall};
use crate::trusted_file::{
    LEASES, beside, check_database, create_folder, folder_of, give_folder_to_owner_of, give_to_owner_of, make_private,
};

/// The length of an attempt id as text: every file of an attempt begins with it.
const ID_LENGTH: usize = 36;

/// How often a new lease is tried while a cleaner that met the file in the making holds it for a moment.
const TRIES: u32 = 200;

/// Held while a program is started with a lease, so that no other start of this process inherits it too.
static STARTING: Mutex<()> = Mutex::new(());

/// The folder of all leases of a database: `<database>.leases/`.
#[derive(Debug, Clone)]
pub struct LeaseFolder {
    path: PathBuf,
}

/// The lock of one attempt.
#[derive(Debug)]
pub struct Lease {
    file: File,
    path: PathBuf,
    result_file: PathBuf,
    /// What says that the call was started.
    mark: Vec<u8>,
}

/// What became of the dispatcher of an attempt that another run made.
#[derive(Debug)]
pub enum Adoption {
    /// The dispatcher, or the run that is about to start it, is alive.
    Held,
    /// There is no lease file.
    Missing,
    /// Nobody is left; the lease is ours now.
    Free {
        /// The lock, now held by this process.
        lease: Lease,
        /// Whether the program may have been started: what [`Lease::mark_started`] writes is there.
        started: bool,
    },
}

impl LeaseFolder {
    /// The folder that belongs to a database. Nothing is created before the first lease.
    pub fn open(database: &Path) -> LeaseFolder {
        // Absolute, since a program that changes its folder must still find its result file.
        let database = absolute(database).unwrap_or_else(|_| database.to_owned());
        LeaseFolder { path: beside(&database, LEASES) }
    }

    /// Where the folder is, or will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the program of an attempt may leave its result.
    pub fn result_file(&self, attempt: AttemptId) -> PathBuf {
        self.path.join(format!("{attempt}.result"))
    }

    /// Takes the lease of a new attempt: a file of its own, locked.
    ///
    /// # Errors
    /// When the folder or the file cannot be written, or the lease of this attempt is held by another process.
    pub fn take(&self, attempt: AttemptId) -> io::Result<Lease> {
        for _ in 0..TRIES {
            match self.lock(attempt, created)? {
                Some(lease) => return Ok(lease),
                None => thread::sleep(Duration::from_millis(1)),
            }
        }
        let held = format!("the lease {} is held by another process", self.lease_file(attempt).display());
        Err(io::Error::new(io::ErrorKind::WouldBlock, held))
    }

    /// Takes over the lease of an attempt whose outcome is not on disk, if nobody holds it.
    ///
    /// # Errors
    /// When the file can be neither opened nor locked.
    pub fn try_adopt(&self, attempt: AttemptId) -> io::Result<Adoption> {
        match self.lock(attempt, |path| OpenOptions::new().read(true).append(true).open(path)) {
            Ok(Some(lease)) => {
                let started = lease.file.metadata()?.len() > 0;
                Ok(Adoption::Free { lease, started })
            }
            Ok(None) => Ok(Adoption::Held),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Adoption::Missing),
            Err(error) => Err(error),
        }
    }

    /// What the lease file of an attempt says, held or not.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn mark(&self, attempt: AttemptId) -> io::Result<Mark> {
        let mark = mark::read(&self.lease_file(attempt))?;
        // A file under another name proves nothing of this attempt's call.
        Ok(match mark {
            Mark::Started(call) if call.attempt != attempt => Mark::Nameless,
            mark => mark,
        })
    }

    /// The other processes that have the lease file of each attempt open, as far as they can be seen. For people only:
    /// what holds a lease is decided by its lock.
    pub fn holders(&self, attempts: &[AttemptId]) -> Vec<Vec<Holder>> {
        let files: Vec<PathBuf> = attempts.iter().map(|attempt| self.lease_file(*attempt)).collect();
        holders(&files)
    }

    /// The attempts that have any file here, in order: those of calls in flight, and what crashes left behind.
    ///
    /// # Errors
    /// When the folder is there and cannot be read, or others may write it.
    pub fn attempts(&self) -> io::Result<Vec<AttemptId>> {
        // Before each run: `watch` goes on for weeks after the database was opened.
        check_database(&self.path.with_extension("")).map_err(io::Error::other)?;
        let mut found = BTreeSet::new();
        for name in self.names()? {
            found.extend(attempt_of(&name));
        }
        Ok(found.into_iter().collect())
    }

    /// Removes what an attempt left beside its lease: its result and the result's unfinished copies. For an attempt that
    /// is settled and has no lease any more; [`Lease::remove`] removes lease and result of all others.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn remove_remains(&self, attempt: AttemptId) -> io::Result<()> {
        let lease = attempt.to_string();
        for name in self.names()? {
            if name != lease.as_str() && attempt_of(&name) == Some(attempt) {
                remove_if_there(&self.path.join(name))?;
            }
        }
        Ok(())
    }

    /// Puts on disk which leases are gone, so that none comes back after a power loss.
    ///
    /// # Errors
    /// When the folder is there and cannot be synced.
    pub fn sync(&self) -> io::Result<()> {
        match File::open(&self.path) {
            Ok(folder) => folder.sync_all(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes the lock of those who tell a receiver events, by its row: one process at a time. It ends with the file.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn lock_receiver(&self, receiver: i64) -> io::Result<Option<File>> {
        let file = created(&self.path.join(format!("events-{receiver}")))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn names(&self) -> io::Result<Vec<OsString>> {
        match fs::read_dir(&self.path) {
            Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    pub fn lease_file(&self, attempt: AttemptId) -> PathBuf {
        self.path.join(attempt.to_string())
    }

    /// Opens and locks the file of an attempt; none when another process holds it. A file that was removed between our
    /// opening and locking it is opened again, since its lock protects nothing.
    fn lock(&self, attempt: AttemptId, open: impl Fn(&Path) -> io::Result<File>) -> io::Result<Option<Lease>> {
        let path = self.lease_file(attempt);
        loop {
            let file = open(&path)?;
            match file.try_lock() {
                Ok(()) if names(&path, &file)? => {
                    return Ok(Some(Lease { file, path, result_file: self.result_file(attempt), mark: b"1".to_vec() }));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

impl Lease {
    /// The same lease, which names its call once that is started: so it can be put on record again, should the database
    /// forget it.
    #[must_use]
    pub fn naming(self, call: &StartedCall) -> Lease {
        Lease { mark: mark::line(call), ..self }
    }

    /// Writes, at once, that the program may have been started, and which call it is. It must survive the process only,
    /// not the machine: after a reboot an empty file proves nothing anyway.
    ///
    /// # Errors
    /// When it cannot be written; then the program must not be started.
    pub fn mark_started(&self) -> io::Result<()> {
        (&self.file).write_all(&self.mark)
    }

    /// Runs `start`, whose new process shares this lease: close-on-exec is off for its file meanwhile. One at a time in
    /// the whole process, so that no other program gets it.
    ///
    /// # Errors
    /// When close-on-exec cannot be turned off; then `start` has not run.
    pub fn inherited<T>(&self, start: impl FnOnce() -> T) -> io::Result<T> {
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        fcntl_setfd(&self.file, FdFlags::empty())?;
        let _closed_again = CloseOnExec(&self.file);
        Ok(start())
    }

    /// Where the program of this attempt may leave its result.
    pub fn result_file(&self) -> &Path {
        &self.result_file
    }

    /// Removes the lease and the result beside it, once the outcome is on disk.
    ///
    /// # Errors
    /// When a file is there and cannot be removed; recovery will try again.
    pub fn remove(self) -> io::Result<()> {
        remove_if_there(&self.result_file)?;
        // The path goes first and the lock, with the file, last: a process that locks the file after us sees that it has no name.
        remove_if_there(&self.path)
    }

    /// Removes the lease of an attempt that is settled or was never claimed. Files that stay do no harm: the next recovery
    /// clears them.
    pub fn discard(self) {
        let _ = self.remove();
    }
}

/// Starts a program that shares no lease: none is open to programs meanwhile.
pub(super) fn start_alone<T>(start: impl FnOnce() -> T) -> T {
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    start()
}

/// Turns close-on-exec on again, also when the start panics.
struct CloseOnExec<'file>(&'file File);

impl Drop for CloseOnExec<'_> {
    fn drop(&mut self) {
        // Cannot fail for an open file; there would be nothing to do about it but to start no other program.
        let _ = fcntl_setfd(self.0, FdFlags::CLOEXEC);
    }
}

/// Opens a lease file, which is made with its folder when it is not there.
fn created(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    let folder = folder_of(path);
    let file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_folder(folder)?;
            // `queue.db.leases` belongs to the owner of `queue.db`, and each lease to that of its folder.
            let database = folder.with_extension("");
            if database.exists() {
                give_folder_to_owner_of(&database, folder)?;
            }
            options.open(path)?
        }
        opened => opened?,
    };
    make_private(&file)?;
    give_to_owner_of(folder, &file)?;
    Ok(file)
}

/// Whether the path still names the open file.
fn names(path: &Path, file: &File) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok(named.dev() == ours.dev() && named.ino() == ours.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The attempt to which a file of the folder belongs: `<id>`, `<id>.result`, `<id>.result.tmp`, …
fn attempt_of(name: &OsString) -> Option<AttemptId> {
    name.to_str()?.get(..ID_LENGTH)?.parse().ok()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
