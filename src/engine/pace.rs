//! The pace of short write transactions, between which other programs write.

use std::time::Duration;

use crate::interrupt::Interrupt;

/// What a transaction is to take, [`WORK`] for its statements and the rest for its commit: a third of what it may take, for
/// a disk that is busy.
const STEP: Duration = Duration::from_millis(35);

/// After this time a transaction deletes nothing more.
pub(super) const WORK: Duration = Duration::from_millis(25);

/// How long the database is left to others between two transactions. Another program that waits for it tries again after
/// at most 25 ms during its first 128 ms: it is let in after one step.
const REST: Duration = Duration::from_millis(26);

/// How many rows the next transaction takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    rows: usize,
    most: usize,
}

impl Pace {
    /// The first transaction takes this number of rows, and none takes more than `most`.
    pub(super) fn new(rows: usize, most: usize) -> Pace {
        Pace { rows, most }
    }

    pub(super) fn rows(self) -> usize {
        self.rows
    }

    /// After a step: as many as it had done in the time of a step, at most twice as many as were planned.
    pub(super) fn after(self, done: usize, took: Duration) -> Pace {
        let took = took.as_micros().max(1);
        let fitting = (done as u128).saturating_mul(STEP.as_micros()) / took;
        let fitting = usize::try_from(fitting).unwrap_or(self.most);
        Pace { rows: fitting.clamp(1, self.rows.saturating_mul(2).min(self.most)), ..self }
    }
}

/// Leaves the database to others for what is left of the rest after a step that ended at `freed`, and says which signal has
/// come.
pub(super) fn rest(freed: Option<Duration>, elapsed: &dyn Fn() -> Duration, interrupt: &dyn Interrupt) -> Option<u8> {
    if let Some(freed) = freed {
        let rested = elapsed().saturating_sub(freed);
        interrupt.pause(REST.saturating_sub(rested));
    }
    interrupt.signal()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: usize = 64;
    const MOST: usize = 8_192;

    fn after(planned: usize, done: usize, millis: u64) -> usize {
        Pace::new(planned, MOST).after(done, Duration::from_millis(millis)).rows()
    }

    #[test]
    fn a_step_takes_what_the_last_one_shows_to_fit() {
        assert_eq!(after(1_000, 1_000, 35), 1_000);
        assert_eq!(after(1_000, 1_000, 28), 1_250);
        assert_eq!(after(1_000, 1_000, 70), 500);
        assert_eq!(after(1_000, 300, 42), 250, "the time was over before all were done");
    }

    #[test]
    fn a_step_grows_slowly_and_stays_within_bounds() {
        assert_eq!(after(FIRST, FIRST, 1), 2 * FIRST, "a quick one says little");
        assert_eq!(after(MOST, MOST, 1), MOST);
        assert_eq!(after(64, 1, 60_000), 1, "one item is always looked at");
        assert_eq!(after(64, 64, 0), 128);
    }
}
