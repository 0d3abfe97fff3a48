//! Retry ladders against caps: which attempt of a ladder is one too many, and when it would be made instead.

use super::cap::Cap;
use crate::model::{Purpose, Reached, Voice};
use crate::scheduler::ladder_delay;

/// The delays of a client's retries, in minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// The delay before the first retry, the second, …
    pub delays: Vec<f64>,
    /// The factor by which the last delay grows past the end of the list.
    pub multiplier: f64,
    pub max_delay: f64,
    /// Retries after the first attempt.
    pub max_retries: u32,
}

/// What caps do to a ladder. All times are minutes since the first attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct LadderCheck<'a> {
    /// The attempts without caps.
    pub plain: Vec<f64>,
    /// Each attempt (1, 2, …) of the plain ladder that is one too many, with the id of the cap, in that order.
    pub breaks: Vec<(usize, &'a str)>,
    /// The attempts when each waits for all caps; a delay counts from the attempt before.
    pub capped: Vec<f64>,
}

impl Ladder {
    /// Holds the ladder against caps. Each attempt is a sales call by an artificial voice that rings and ends at once,
    /// the commonest that counts; hours of the day and jitter are left out.
    pub fn check<'a>(&self, caps: &'a [Cap]) -> LadderCheck<'a> {
        let (purpose, voice) = (Some(Purpose::Sales), Voice::Ai);
        let holds = |cap: &&Cap| cap.applies_to.fit_dial(purpose, voice) && cap.limit.counts_level(Some(Reached::Line));
        let caps: Vec<&Cap> = caps.iter().filter(holds).collect();
        let mut check = LadderCheck { plain: vec![0.0], breaks: Vec::new(), capped: vec![0.0] };
        for failures in 1..=self.max_retries {
            let delay = ladder_delay(&self.delays, |delay| *delay, self.multiplier, self.max_delay, failures);
            let plain = check.plain.last().map_or(0.0, |last| last + delay);
            let mut broken: Vec<&str> =
                caps.iter().filter(|cap| opens(cap, &check.plain) > plain).map(|cap| &*cap.id).collect();
            broken.sort_unstable();
            broken.dedup();
            check.breaks.extend(broken.into_iter().map(|id| (check.plain.len() + 1, id)));
            let waits = caps.iter().map(|cap| opens(cap, &check.capped));
            let capped = waits.fold(check.capped.last().map_or(0.0, |last| last + delay), f64::max);
            check.plain.push(plain);
            check.capped.push(capped);
        }
        check
    }
}

/// The minute from which a cap allows one more attempt after these.
fn opens(cap: &Cap, attempts: &[f64]) -> f64 {
    cap.limit.deciding(&mut attempts.to_vec()).map_or(0.0, |deciding| deciding + f64::from(cap.limit.hours) * 60.0)
}
