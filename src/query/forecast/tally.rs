//! What one run came to.

/// The calls of a day or an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CallTally {
    pub(super) calls: u64,
    pub(super) completed: u64,
    /// Time of calls inside the business hours, in milliseconds.
    pub(super) business: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) calls: u64,
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) expired: u64,
    /// Those of them that were never called.
    pub(super) expired_uncalled: u64,
    /// Items that still wait at the end.
    pub(super) left: u64,
    /// The end of the last call, or the beginning if no call was made.
    pub(super) last_end: i64,
    /// How long a lead of each priority waits that is added at the beginning, in milliseconds.
    pub(super) waits: [Option<i64>; 4],
    pub(super) days: Vec<CallTally>,
    pub(super) hours: Vec<CallTally>,
}

impl Tally {
    pub(super) fn new(now: i64) -> Tally {
        Tally { last_end: now, ..Tally::default() }
    }

    pub(super) fn call(&mut self, (day, hour): (usize, usize), end: i64, is_completed: bool, business: i64) {
        self.calls += 1;
        self.completed += u64::from(is_completed);
        self.last_end = self.last_end.max(end);
        for (tallies, index) in [(&mut self.days, day), (&mut self.hours, hour)] {
            if tallies.len() <= index {
                tallies.resize(index + 1, CallTally::default());
            }
            if let Some(tally) = tallies.get_mut(index) {
                tally.calls += 1;
                tally.completed += u64::from(is_completed);
                tally.business += business;
            }
        }
    }

    /// When nothing waits any more and the last call has ended; none while something is left.
    pub(super) fn done(&self) -> Option<i64> {
        (self.left == 0).then_some(self.last_end)
    }

    /// Adds what another client came to in the same run.
    pub(super) fn add(&mut self, other: &Tally) {
        self.calls += other.calls;
        self.completed += other.completed;
        self.failed += other.failed;
        self.expired += other.expired;
        self.expired_uncalled += other.expired_uncalled;
        self.left += other.left;
        self.last_end = self.last_end.max(other.last_end);
        self.waits = [None; 4];
        for (tallies, others) in [(&mut self.days, &other.days), (&mut self.hours, &other.hours)] {
            if tallies.len() < others.len() {
                tallies.resize(others.len(), CallTally::default());
            }
            for (tally, other) in tallies.iter_mut().zip(others) {
                tally.calls += other.calls;
                tally.completed += other.completed;
                tally.business += other.business;
            }
        }
    }
}
