//! Lease files of settled attempts, kept for attempts to come: to give one another name costs a fraction of making and
//! removing one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;

use super::{Lease, LeaseFolder, names, remove_if_there};
use crate::model::AttemptId;

/// So many files are kept at most; each takes a file descriptor.
const MOST: usize = 16;

/// Lease files that belong to no attempt any more: empty, and locked by this process alone. They are removed when this is
/// dropped; what a killed run leaves of them, the next recovery removes.
#[derive(Debug, Default)]
pub struct Spares {
    files: Vec<Spare>,
}

#[derive(Debug)]
struct Spare {
    file: File,
    path: PathBuf,
}

impl Spares {
    /// Ends the lease of an attempt whose outcome is on disk, as [`Lease::discard`] does, and keeps its file where that is
    /// safe.
    pub fn keep(&mut self, lease: Lease) {
        if self.files.len() >= MOST || remove_if_there(&lease.result_file).is_err() {
            return lease.discard();
        }
        match emptied(&lease) {
            Ok(Some(file)) => self.files.push(Spare { file, path: lease.path }),
            // Whoever holds it now is a cleaner, and removes it, as we do.
            Ok(None) | Err(_) => drop(remove_if_there(&lease.path)),
        }
    }

    /// Takes the lease of a new attempt, as [`LeaseFolder::take`] does: by a file that was kept, if there is one.
    ///
    /// # Errors
    /// Those of [`LeaseFolder::take`].
    pub fn take(&mut self, folder: &LeaseFolder, attempt: AttemptId) -> io::Result<Lease> {
        if let Some(Spare { file, path: before }) = self.files.pop() {
            let path = folder.lease_file(attempt);
            // Nobody can lock the file meanwhile, so that its new name never stands for a free lease.
            if fs::rename(&before, &path).is_ok() {
                return Ok(Lease { file, path, result_file: folder.result_file(attempt) });
            }
            let _ = remove_if_there(&before);
        }
        folder.take(attempt)
    }
}

impl Drop for Spares {
    fn drop(&mut self) {
        for spare in self.files.drain(..) {
            // What stays does no harm.
            let _ = remove_if_there(&spare.path);
        }
    }
}

/// The file of a lease without its byte, opened and locked anew: what a program of the old attempt left behind does not
/// share that lock. None when another process was faster.
fn emptied(lease: &Lease) -> io::Result<Option<File>> {
    let file = OpenOptions::new().read(true).append(true).open(&lease.path)?;
    // The attempt is settled: a share in its lock that a process may still have protects nothing any more.
    lease.file.unlock()?;
    if file.try_lock().is_err() || !names(&lease.path, &file)? {
        return Ok(None);
    }
    file.set_len(0)?;
    Ok(Some(file))
}
