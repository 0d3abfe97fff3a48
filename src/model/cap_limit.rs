//! The limit of a cap: how many attempts, in how many hours, counted from which level on, of which clients.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use chrono::TimeDelta;

use super::{CapScope, Reached};

/// The limit of a cap, written as `3/24h:network:number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CapLimit {
    /// How many attempts may have been counted.
    pub most: Most,
    /// Within this number of elapsed hours; a clock change shifts nothing.
    pub hours: u32,
    /// The least that an attempt has reached to count.
    pub counts: Reached,
    /// Whose attempts count.
    pub scope: CapScope,
}

/// How many attempts a cap allows in its hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Most {
    /// So many.
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
    pub fn deciding<T: Copy + PartialOrd>(self, times: &mut [T]) -> Option<T> {
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
}
