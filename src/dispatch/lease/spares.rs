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
    /// Files that are not locked yet: a program that is just being started shares every lease until it executes, and so
    /// for a moment those that were closed meanwhile.
    closed: Vec<Spare>,
}

/// A lease file that was opened anew.
#[derive(Debug)]
struct Spare {
    file: File,
    path: PathBuf,
}

impl Spares {
    /// Ends the leases of attempts whose outcomes are on disk, as [`Lease::discard`] does. Their files serve new attempts
    /// from the next time on, unless a process that an attempt left behind has its share in a lock still.
    pub fn keep(&mut self, leases: impl IntoIterator<Item = Lease>) {
        for spare in self.closed.drain(..) {
            match spare.emptied() {
                Ok(true) => self.files.push(spare),
                // Whoever holds it needs it no more than we do.
                Ok(false) | Err(_) => drop(remove_if_there(&spare.path)),
            }
        }
        for lease in leases {
            let again = OpenOptions::new().read(true).append(true).open(&lease.path);
            match again {
                Ok(file)
                    if self.files.len() + self.closed.len() < MOST && remove_if_there(&lease.result_file).is_ok() =>
                {
                    self.closed.push(Spare { file, path: lease.path });
                }
                _ => lease.discard(),
            }
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
        for spare in self.files.drain(..).chain(self.closed.drain(..)) {
            // What stays does no harm.
            let _ = remove_if_there(&spare.path);
        }
    }
}

impl Spare {
    /// Locks the file, so that no other process has a share in that lock, and takes its byte away. False when another one
    /// holds it, or has removed it.
    fn emptied(&self) -> io::Result<bool> {
        if self.file.try_lock().is_err() || !names(&self.path, &self.file)? {
            return Ok(false);
        }
        self.file.set_len(0)?;
        Ok(true)
    }
}
