//! The clock: an argument everywhere else, read from the system only here.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model;

/// What tells the time and waits.
pub trait Clock: Send + Sync {
    /// The present instant, in whole milliseconds.
    fn now(&self) -> DateTime<Utc>;

    /// Waits until `instant` on the wall clock.
    fn sleep_until(&self, instant: DateTime<Utc>);

    /// Whether this is the machine's own clock. A run that would really dial refuses any other.
    fn is_real(&self) -> bool;
}

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
        let now = Utc::now();
        model::truncate_to_millis(now)
    }

    fn sleep_until(&self, instant: DateTime<Utc>) {
        /// Slices this long let a suspended machine or a stepped clock be noticed.
        const SLICE: Duration = Duration::from_secs(30);
        while let Ok(left) = (instant - self.now()).to_std() {
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(SLICE));
        }
    }

    fn is_real(&self) -> bool {
        true
    }
}

/// A clock that stands still until somebody moves it: for `CALLQ_NOW` and for tests.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: DateTime<Utc>) -> ManualClock {
        ManualClock(Mutex::new(model::truncate_to_millis(now)))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.lock();
        *now += by;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, DateTime<Utc>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.lock()
    }

    fn sleep_until(&self, instant: DateTime<Utc>) {
        let mut now = self.lock();
        *now = (*now).max(instant);
    }

    fn is_real(&self) -> bool {
        false
    }
}
