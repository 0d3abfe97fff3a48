//! The signals that ask a run to stop: an argument everywhere else, taken from the operating system only here.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::{flag, low_level};

/// What asks a run to stop, and waits.
pub trait Interrupt {
    /// The signal that asked, once one has come.
    fn signal(&self) -> Option<u8>;

    /// Waits for this time, or until a signal comes.
    fn pause(&self, at_most: Duration);

    /// A sign of the same signal that other threads can look at.
    fn sign(&self) -> StopSign {
        StopSign::default()
    }

    /// Reports how many calls a stopping run still waits for.
    fn on_draining(&self, _calls: usize) {}

    /// Reports at once an outcome that cannot be recorded, as JSON: a person has it even if the run is killed.
    fn keep_outcome(&self, _outcome: &str) {}
}

/// Shows every thread whether a signal has asked to stop.
#[derive(Debug, Clone, Default)]
pub struct StopSign(Arc<AtomicUsize>);

impl StopSign {
    /// The signal that asked, once one has come.
    pub fn signal(&self) -> Option<u8> {
        u8::try_from(self.0.load(Ordering::SeqCst)).ok().filter(|number| *number > 0)
    }
}

/// The signals that ask a run to stop.
const STOPS: [i32; 3] = [SIGHUP, SIGINT, SIGTERM];

/// Signals that a caller may have ignored and that a program started here gets at their default again.
const OTHERS: [i32; 4] = [SIGCHLD, SIGQUIT, SIGUSR1, SIGUSR2];

/// The signals of this process. From the first one on, [`Interrupt::signal`] tells it; the second one ends the process at
/// once. The programs that were started go on, under their leases.
#[derive(Debug)]
pub struct Signals {
    sign: StopSign,
    /// Becomes readable with the first signal, and stays so.
    woken: UnixStream,
}

impl Signals {
    /// Takes the signals from the operating system.
    ///
    /// A signal that was ignored when the program started, as `nohup` and shells do it, stays without effect.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn take() -> io::Result<Signals> {
        let ignored = ignored_signals();
        let (woken, wake) = UnixStream::pair()?;
        let signals = Signals { sign: StopSign::default(), woken };
        let stopping = Arc::new(AtomicBool::new(false));
        for signal in STOPS {
            if ignored & bit(signal) != 0 {
                continue;
            }
            // In this order: the second signal finds what the first has left.
            flag::register_conditional_shutdown(signal, signal.saturating_add(128), stopping.clone())?;
            flag::register(signal, stopping.clone())?;
            flag::register_usize(signal, signals.sign.0.clone(), usize::try_from(signal).unwrap_or_default())?;
            low_level::pipe::register(signal, wake.try_clone()?)?;
        }
        handle_ignored()?;
        Ok(signals)
    }
}

/// Gives the signals that this process ignores a handler that does nothing.
///
/// A handled signal is at its default in the programs that are started here, an ignored one would be ignored there too.
/// And with SIGCHLD ignored the system would throw away how they ended.
///
/// # Errors
/// When the operating system refuses.
pub fn handle_ignored() -> io::Result<()> {
    let ignored = ignored_signals();
    for signal in STOPS.into_iter().chain(OTHERS).filter(|signal| ignored & bit(*signal) != 0) {
        flag::register(signal, Arc::new(AtomicBool::new(false)))?;
    }
    Ok(())
}

/// The bit of a signal in a mask of them.
fn bit(signal: i32) -> u64 {
    1_u64.wrapping_shl(signal.wrapping_sub(1).cast_unsigned())
}

impl Interrupt for Signals {
    fn signal(&self) -> Option<u8> {
        self.sign.signal()
    }

    fn sign(&self) -> StopSign {
        self.sign.clone()
    }

    fn pause(&self, at_most: Duration) {
        let mut woken = [PollFd::from_borrowed_fd(self.woken.as_fd(), PollFlags::IN)];
        let timeout = Timespec::try_from(at_most).ok();
        // The waiting code looks at what has happened, and waits again: a wait that ends early does no harm.
        if poll(&mut woken, timeout.as_ref()).is_err() {
            std::thread::yield_now();
        }
    }
}

/// The signals that this process ignores, a bit each, the lowest for signal 1.
#[cfg(target_os = "linux")]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Only Linux tells without unsafe code.
#[cfg(not(target_os = "linux"))]
fn ignored_signals() -> u64 {
    0
}

/// What never asks to stop: for commands and tests that no signal reaches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoInterrupt;

impl Interrupt for NoInterrupt {
    fn signal(&self) -> Option<u8> {
        None
    }

    fn pause(&self, at_most: Duration) {
        std::thread::sleep(at_most);
    }
}
