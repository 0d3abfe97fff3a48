//! The last question before a call begins: may it still be placed now?
//!
//! A starter holds a [`StartPermit`] from the answer until its program runs or its request leaves. A command that stops
//! calls commits its change and then waits for all permits ([`LeaseFolder::await_starts`]). So every start either was
//! there before the command ended, or saw its change.
//!
//! The permit is a shared lock on the folder of leases itself: no file of its own has to be made, named or cleared.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::lease::LeaseFolder;
use crate::model::{AttemptId, CallResult, ItemId, Outcome};

/// How often a lock is tried that somebody else holds.
const TICK: Duration = Duration::from_millis(1);

/// How long a starter waits for a command that stops calls: that holds the lock for no longer than it takes to get it.
const LONGEST_STOP: Duration = Duration::from_secs(5);

/// Says whether a claimed call may still be placed.
pub trait StartGate: Send + Sync {
    /// Asks at this moment, for an attempt of an item.
    fn ask(&self, attempt: AttemptId, item: ItemId) -> StartAnswer;
}

/// The answer of a [`StartGate`].
#[derive(Debug)]
pub enum StartAnswer {
    /// It may begin as long as this is held.
    Open(StartPermit),
    Closed(Closed),
}

/// Why a call may not be placed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The closed gate in a word, for figures.
    pub reason: &'static str,
    /// The reason in a sentence, for people.
    pub detail: String,
}

impl Closed {
    /// The outcome of a call that has not begun.
    pub fn returned(self) -> CallResult {
        CallResult::of(Outcome::Returned).because(self.reason).with_detail(self.detail)
    }
}

/// The right to begin one call, as long as it is held.
#[derive(Debug)]
pub struct StartPermit(#[expect(dead_code, reason = "held for its lock")] Option<File>);

/// Lets every call begin, and holds up nobody who stops them: for tests of dispatchers.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlwaysOpen;

impl StartGate for AlwaysOpen {
    fn ask(&self, _: AttemptId, _: ItemId) -> StartAnswer {
        StartAnswer::Open(StartPermit(None))
    }
}

impl LeaseFolder {
    /// Takes a permit. Ask the database only after this.
    ///
    /// # Errors
    /// When the folder cannot be opened or locked, or somebody has held it for seconds.
    pub fn permit(&self) -> io::Result<StartPermit> {
        let folder = File::open(self.path())?;
        if within(LONGEST_STOP, || folder.try_lock_shared())? {
            Ok(StartPermit(Some(folder)))
        } else {
            Err(io::Error::new(io::ErrorKind::WouldBlock, "a command that stops calls holds the folder of leases"))
        }
    }

    /// Waits until every call that asked before now has begun or was refused; false when one still has not after
    /// `at_most`, as when its run was stopped in the middle. Without a folder nobody has ever begun a call.
    ///
    /// # Errors
    /// When the folder cannot be opened or locked.
    pub fn await_starts(&self, at_most: Duration) -> io::Result<bool> {
        match File::open(self.path()) {
            Ok(folder) => within(at_most, || folder.try_lock()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// Tries to lock until it succeeds or the time is over; false when it did not succeed.
fn within(at_most: Duration, try_lock: impl Fn() -> Result<(), TryLockError>) -> io::Result<bool> {
    let begun = Instant::now();
    loop {
        match try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= at_most => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(TICK),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(20);

    #[test]
    fn who_stops_calls_waits_for_every_start_but_not_for_ever() {
        let root = tempfile::tempdir().unwrap();
        let leases = LeaseFolder::open(&root.path().join("queue.db"));
        assert!(leases.await_starts(Duration::ZERO).unwrap(), "no run ever began a call");
        assert!(leases.permit().is_err());
        std::fs::create_dir(leases.path()).unwrap();
        let (one, other) = (leases.permit().unwrap(), leases.permit().unwrap());
        assert!(!leases.await_starts(MOMENT).unwrap());
        drop(one);
        assert!(!leases.await_starts(MOMENT).unwrap());
        let begun = AtomicBool::new(false);
        thread::scope(|scope| {
            let stop = scope.spawn(|| {
                assert!(leases.await_starts(Duration::from_secs(60)).unwrap());
                assert!(begun.load(Ordering::SeqCst), "the start came first");
            });
            thread::sleep(MOMENT);
            begun.store(true, Ordering::SeqCst);
            drop(other);
            stop.join().unwrap();
        });
        assert!(leases.permit().is_ok(), "the lock was held for a moment only");
    }

    #[test]
    fn a_program_does_not_inherit_a_permit() {
        let root = tempfile::tempdir().unwrap();
        let leases = LeaseFolder::open(Path::new(root.path()).join("queue.db").as_path());
        std::fs::create_dir(leases.path()).unwrap();
        let permit = leases.permit().unwrap();
        let mut program = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        drop(permit);
        // Not at once: a program that another test starts at this moment has all files for an instant.
        assert!(leases.await_starts(Duration::from_secs(30)).unwrap());
        program.kill().unwrap();
        program.wait().unwrap();
    }
}
