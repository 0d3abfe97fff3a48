//! Caps: how many attempts may reach a number in how many hours.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::terms::Terms;
use crate::model::{CapScope, Purpose, Reached, Voice};

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

/// The limit of a cap, written as `3/24h:network:number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CapLimit {
    /// How many attempts may have been counted.
    pub most: Most,
    /// Within this number of elapsed hours; a clock change shifts nothing.
    pub hours: u32,
    /// The least that an attempt has reached to count.
    pub counts: Reached,
    pub scope: CapScope,
}

/// How many attempts a cap allows in its hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Most {
    Attempts(NonZeroU32),
    /// None for these hours after one that counts.
    Rest,
}

/// The message for a text that is no cap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is not a cap: write such as 3/24h or rest/7d, with level and scope behind it where needed \
     (2/168h:line:client), in whole hours or days of at most {LONGEST} hours",
    .0.escape_debug()
)]
pub struct InvalidCap(String);

/// A year; attempts are not looked for beyond it.
const LONGEST: u32 = 366 * 24;

impl CapLimit {
    /// The time in which it counts.
    pub fn span(self) -> TimeDelta {
        TimeDelta::hours(self.hours.into())
    }

    /// Whether an attempt that reached this level counts; an unknown level counts as the highest.
    pub fn counts_level(self, reached: Option<Reached>) -> bool {
        reached.is_none_or(|reached| reached >= self.counts)
    }

    /// The counted time that must be older than the cap's hours before another attempt is allowed; `None` when there
    /// are not enough to close it. Sorts `times`.
    pub(super) fn deciding<T: Copy + PartialOrd>(self, times: &mut [T]) -> Option<T> {
        let most = match self.most {
            Most::Attempts(most) => usize::try_from(most.get()).unwrap_or(usize::MAX),
            Most::Rest => 1,
        };
        times.sort_unstable_by(|left, right| right.partial_cmp(left).unwrap_or(std::cmp::Ordering::Equal));
        times.get(most.saturating_sub(1)).copied()
    }
}

impl FromStr for CapLimit {
    type Err = InvalidCap;

    /// Reads `N/Hh` or `rest/Hh`, in hours (`h`) or days (`d`), then a level and a scope; without them, attempts count
    /// from `network` on, those of all clients.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidCap(text.to_owned());
        let mut parts = text.split(':');
        let (most, span) = parts.next().and_then(|first| first.split_once('/')).ok_or_else(invalid)?;
        let most = match most {
            "rest" => Most::Rest,
            number => Most::Attempts(whole(number).and_then(NonZeroU32::new).ok_or_else(invalid)?),
        };
        let hours = match (span.strip_suffix('h'), span.strip_suffix('d')) {
            (Some(hours), _) => whole(hours),
            (_, Some(days)) => whole(days).and_then(|days| days.checked_mul(24)),
            _ => None,
        };
        let hours = hours.filter(|hours| (1..=LONGEST).contains(hours)).ok_or_else(invalid)?;
        let counts = parts.next().map_or(Ok(Reached::Network), |level| level.parse().map_err(|_| invalid()))?;
        let scope = parts.next().map_or(Ok(CapScope::Number), |scope| scope.parse().map_err(|_| invalid()))?;
        if parts.next().is_some() || counts == Reached::None {
            return Err(invalid());
        }
        Ok(CapLimit { most, hours, counts, scope })
    }
}

/// A number of digits alone.
fn whole(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for CapLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CapLimit { most, hours, counts, scope } = self;
        match most {
            Most::Attempts(most) => write!(f, "{most}/{hours}h:{counts}:{scope}"),
            Most::Rest => write!(f, "rest/{hours}h:{counts}:{scope}"),
        }
    }
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

/// Asks the caps (law.md, section 3): a cap of N in H hours is open when fewer than N counted attempts began after
/// `now` − H. One that began exactly H ago counts no more; one in the future counts, since a clock was set back.
pub fn check_caps<'a>(dial: Dial<'_>, attempts: &[PastAttempt<'_>], caps: &'a [Cap]) -> CapVerdict<'a> {
    let mut verdict = CapVerdict { until: dial.now, by: Vec::new() };
    for cap in caps.iter().filter(|cap| cap.applies_to.fit_dial(dial.purpose, dial.voice)) {
        let counted = attempts.iter().filter(|attempt| cap.counts(dial, attempt));
        let mut times: Vec<DateTime<Utc>> = counted.map(|attempt| attempt.at).collect();
        let Some(deciding) = cap.limit.deciding(&mut times) else { continue };
        let until = deciding.checked_add_signed(cap.limit.span()).unwrap_or(DateTime::<Utc>::MAX_UTC);
        if until > dial.now {
            verdict.until = verdict.until.max(until);
            verdict.by.push(&cap.id);
        }
    }
    verdict.by.sort_unstable();
    verdict.by.dedup();
    verdict
}

impl Cap {
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
    use super::*;

    #[test]
    fn a_limit_is_read_in_hours_or_days_with_network_and_number_by_default() {
        for (text, limit) in [
            ("3/24h", "3/24h:network:number"),
            ("6/7d", "6/168h:network:number"),
            ("2/168h:line:client", "2/168h:line:client"),
            ("rest/7d:person", "rest/168h:person:number"),
            ("1/366d", "1/8784h:network:number"),
        ] {
            assert_eq!(text.parse::<CapLimit>().unwrap().to_string(), limit, "{text}");
        }
        for text in [
            "",
            "3",
            "3/24",
            "0/24h",
            "3/0h",
            "-1/24h",
            "+3/24h",
            "3/+24h",
            "3/367d",
            "3/24h:none",
            "3/24h:line:me",
            "3/24h:line:client:x",
            "/24h",
            "3/h",
        ] {
            assert_eq!(text.parse::<CapLimit>(), Err(InvalidCap(text.to_owned())), "{text}");
        }
    }

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
