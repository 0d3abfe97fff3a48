//! Caps: how many attempts may reach a number in how many hours.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::terms::Terms;
use crate::model::{CapLimit, CapScope, Purpose, Reached, Voice};

/// A cap of a rule or of a user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cap {
    /// The id of the rule.
    pub id: Cow<'static, str>,
    /// The calls that it limits, and the attempts that it counts.
    pub applies_to: Terms,
    /// How many, in which time, of which kind.
    pub limit: CapLimit,
}

/// A call that somebody wants to make.
#[derive(Debug, Clone, Copy)]
pub struct Dial<'a> {
    pub now: DateTime<Utc>,
    /// To which number, in E.164.
    pub number: &'a str,
    pub client: &'a str,
    /// What for; unset, the caps of sales are asked.
    pub purpose: Option<Purpose>,
    pub voice: Voice,
}

/// An attempt that was made. What is unknown of it counts as the worst.
#[derive(Debug, Clone, Copy)]
pub struct PastAttempt<'a> {
    pub at: DateTime<Utc>,
    /// To which number, in E.164.
    pub number: &'a str,
    pub client: &'a str,
    pub purpose: Option<Purpose>,
    pub voice: Option<Voice>,
    /// How far it came; `None` while it goes on, or when nothing told.
    pub reached: Option<Reached>,
}

/// What the caps say to a dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapVerdict<'a> {
    /// The first instant at which they allow it when nothing else is dialled: the dial's own when they do now.
    pub until: DateTime<Utc>,
    /// The ids of the caps that close, by id, each once; empty exactly when the dial is allowed.
    pub by: Vec<&'a str>,
}

impl CapVerdict<'_> {
    /// Whether no cap closes.
    pub fn is_allowed(&self) -> bool {
        self.by.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedCap<'a> {
    pub cap: &'a Cap,
    /// How many attempts count within its hours.
    pub counted: usize,
    /// The first instant at which it allows the dial when nothing else is dialled.
    pub until: DateTime<Utc>,
}

/// Asks the caps; see [`closed_caps`].
pub fn check_caps<'a>(dial: Dial<'_>, attempts: &[PastAttempt<'_>], caps: &'a [Cap]) -> CapVerdict<'a> {
    let closed = closed_caps(dial, attempts, caps);
    let until = closed.iter().map(|closed| closed.until).fold(dial.now, Ord::max);
    let mut by: Vec<&str> = closed.iter().map(|closed| &*closed.cap.id).collect();
    by.sort_unstable();
    by.dedup();
    CapVerdict { until, by }
}

/// The caps that close (law.md, section 3): a cap of N in H hours is open when fewer than N counted attempts began after
/// `now` − H. One that began exactly H ago counts no more; one in the future counts, since a clock was set back.
pub fn closed_caps<'a>(dial: Dial<'_>, attempts: &[PastAttempt<'_>], caps: &'a [Cap]) -> Vec<ClosedCap<'a>> {
    let asked = caps.iter().filter(|cap| cap.applies_to.fit_dial(dial.purpose, dial.voice));
    let closed = asked.filter_map(|cap| {
        let counted = attempts.iter().filter(|attempt| cap.counts(dial, attempt));
        let mut times: Vec<DateTime<Utc>> = counted.map(|attempt| attempt.at).collect();
        let deciding = cap.limit.deciding(&mut times)?;
        let end = |at: DateTime<Utc>| at.checked_add_signed(cap.limit.span()).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let counted = times.iter().filter(|at| end(**at) > dial.now).count();
        let until = end(deciding);
        (until > dial.now).then_some(ClosedCap { cap, counted, until })
    });
    closed.collect()
}

impl Cap {
    /// Whether an attempt counts against a dial within the hours of the cap.
    pub fn counts_now(&self, dial: Dial<'_>, attempt: &PastAttempt<'_>) -> bool {
        let end = attempt.at.checked_add_signed(self.limit.span()).unwrap_or(DateTime::<Utc>::MAX_UTC);
        end > dial.now && self.counts(dial, attempt)
    }

    /// Whether an attempt counts against a dial, whenever it was.
    fn counts(&self, dial: Dial<'_>, attempt: &PastAttempt<'_>) -> bool {
        attempt.number == dial.number
            && (self.limit.scope == CapScope::Number || attempt.client == dial.client)
            && self.applies_to.fit_attempt(attempt.purpose, attempt.voice)
            && self.limit.counts_level(attempt.reached)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_attempt_that_is_exactly_as_old_as_the_cap_counts_no_more() {
        let now: DateTime<Utc> = "2026-11-24T15:00:00Z".parse().unwrap();
        let caps = [Cap { id: "us-fl".into(), applies_to: Terms::default(), limit: "1/24h".parse().unwrap() }];
        let dial = Dial { now, number: "+13055550100", client: "acme", purpose: None, voice: Voice::Ai };
        let attempt = |at, reached| PastAttempt {
            at,
            number: "+13055550100",
            client: "globex",
            purpose: None,
            voice: None,
            reached,
        };
        let day_ago = now - TimeDelta::hours(24);
        let later = day_ago + TimeDelta::milliseconds(1);
        assert!(check_caps(dial, &[attempt(day_ago, None)], &caps).is_allowed());
        let closed = check_caps(dial, &[attempt(later, Some(Reached::Network))], &caps);
        assert_eq!(closed, CapVerdict { until: now + TimeDelta::milliseconds(1), by: vec!["us-fl"] });
        assert!(check_caps(dial, &[attempt(later, Some(Reached::None))], &caps).is_allowed());
        let future = now + TimeDelta::hours(2);
        assert_eq!(check_caps(dial, &[attempt(future, None)], &caps).until, future + TimeDelta::hours(24));
        let end = attempt(DateTime::<Utc>::MAX_UTC, None);
        assert_eq!(check_caps(dial, &[end], &caps).until, DateTime::<Utc>::MAX_UTC);
    }
}
