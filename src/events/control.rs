//! How long a delivery goes on, and what it did: shared with its threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What one look at a receiver came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    /// There may be more at once.
    Worked,
    /// Nothing is to be sent now.
    Idle,
    /// Another process sends its events.
    Busy,
}

/// How often is looked for new events.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// After a failure of the database the next look waits this long.
const LOOK_AFTER_FAULT: Duration = Duration::from_secs(1);

/// What was delivered so far.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl Delivered {
    pub(super) fn count(&self, is_delivered: bool) {
        let counter = if is_delivered { &self.delivered } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// The events that were delivered, and the deliveries that failed.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.delivered.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }
}

/// How long the delivery goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Until its owner ends it.
    Running,
    /// Until nothing is to be sent now, or until an instant.
    Ending(Option<Instant>),
    /// At once.
    Stopped,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    threads: usize,
}

/// What the threads go by.
#[derive(Debug)]
pub(super) struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

impl Control {
    /// For threads that are to begin: none has by now.
    pub(super) fn new() -> Control {
        Control { state: Mutex::new(State { phase: Phase::Running, threads: 0 }), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a delivery may still take; none for any time.
    pub(super) fn time_left(&self) -> Option<Duration> {
        match self.state().phase {
            Phase::Running | Phase::Ending(None) => None,
            Phase::Ending(Some(end)) => Some(end.saturating_duration_since(Instant::now())),
            Phase::Stopped => Some(Duration::ZERO),
        }
    }

    /// Whether a thread that has nothing to do goes on; waits then.
    pub(super) fn goes_on(&self, round: Option<Round>) -> bool {
        let state = self.state();
        let is_over = match state.phase {
            Phase::Running => false,
            Phase::Ending(end) => round != Some(Round::Busy) || end.is_some_and(|end| Instant::now() >= end),
            Phase::Stopped => true,
        };
        if !is_over {
            let pause = if round.is_some() { LOOK_EVERY } else { LOOK_AFTER_FAULT };
            drop(self.changed.wait_timeout(state, pause));
        }
        !is_over
    }

    pub(super) fn begin_thread(&self) {
        self.state().threads += 1;
    }

    pub(super) fn end_thread(&self) {
        self.state().threads -= 1;
        self.changed.notify_all();
    }

    pub(super) fn set(&self, phase: Phase) {
        self.state().phase = phase;
        self.changed.notify_all();
    }

    /// Waits until all threads have ended, as long as `goes_on` says.
    pub(super) fn await_threads(&self, goes_on: &dyn Fn() -> bool) -> bool {
        let mut state = self.state();
        while state.threads > 0 {
            if !goes_on() {
                return false;
            }
            let waited = self.changed.wait_timeout(state, LOOK_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}
