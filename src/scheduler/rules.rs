//! The rules about the time of a call, each a question to one clock on one wall.
//!
//! A rule answers for a *reading* (a local date and time of day) and says up to which reading its answer surely holds.
//! A [`Gate`] puts it to a zone: inside of a stretch of constant offset, local time is UTC plus the offset, so the
//! answer carries over to instants. Local time is never mapped to UTC, which would be wrong at some clock change.

use super::HoursPolicy;
use super::hours::{MILLIS_A_DAY, PrimeHours, WeeklyHours};
use super::zone::{Stretch, Zone};
use crate::model::Priority;

/// One rule; all of a priority's rules must allow an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The client's business hours.
    BusinessHours,
    /// For `low`: the client's date is an open one.
    Workday,
    /// The client's best hours.
    PriorityHours,
    /// For `low`: not the best part of the business hours.
    QuietHours,
    /// The client's date is no holiday.
    Holiday,
    /// The called person's own hours, in one zone.
    CallingHours,
}

impl Rule {
    /// The rules of a priority, in the order in which they are told.
    pub(super) fn of(priority: Priority) -> &'static [Rule] {
        match priority {
            Priority::Urgent | Priority::Normal => &[Rule::BusinessHours, Rule::Holiday, Rule::CallingHours],
            Priority::High => &[Rule::BusinessHours, Rule::PriorityHours, Rule::Holiday, Rule::CallingHours],
            Priority::Low => &[Rule::Workday, Rule::QuietHours, Rule::Holiday, Rule::CallingHours],
        }
    }

    /// What the rule says to a reading.
    fn at(self, policy: &HoursPolicy, reading: Reading) -> Verdict {
        match self {
            Rule::BusinessHours => business(policy, reading),
            Rule::Workday => whole_day(is_open_date(policy, reading.day)),
            Rule::PriorityHours => prime(policy.prime, reading),
            Rule::QuietHours => {
                let (business, prime) = (business(policy, reading), prime(policy.prime, reading));
                Verdict { open: !(business.open && prime.open), until: business.until.min(prime.until) }
            }
            Rule::Holiday => whole_day(!policy.holidays.contains_day(reading.day)),
            Rule::CallingHours => covered(&policy.calling, reading, |_| true),
        }
    }
}

/// What a clock on the wall shows.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// The local date, in days since 1970-01-01.
    day: i64,
    /// The local time of day, in milliseconds since midnight.
    time: i64,
}

/// An answer, and up to when it holds at least, in milliseconds: for a reading since the midnight that began its date
/// (the answer may outlast that date), for a gate since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) open: bool,
    pub(super) until: i64,
}

fn whole_day(open: bool) -> Verdict {
    Verdict { open, until: MILLIS_A_DAY }
}

/// Whether shifts may start on a date: no holiday, and a weekday with spans.
fn is_open_date(policy: &HoursPolicy, day: i64) -> bool {
    !policy.business.of_day(day).own.is_empty() && !policy.holidays.contains_day(day)
}

fn business(policy: &HoursPolicy, reading: Reading) -> Verdict {
    covered(&policy.business, reading, |day| is_open_date(policy, day))
}

/// Whether weekly hours cover a reading, when only some dates are open. The tail of a span that runs over midnight
/// belongs to the date on which it starts.
fn covered(hours: &WeeklyHours, reading: Reading, is_open: impl Fn(i64) -> bool) -> Verdict {
    let Reading { day, time } = reading;
    let (yesterday, today) = (hours.of_day(day - 1), hours.of_day(day));
    if time < yesterday.tail && is_open(day - 1) {
        return Verdict { open: true, until: yesterday.tail };
    }
    match today.own.iter().find(|(_, end)| time < *end) {
        Some(_) if !is_open(day) => whole_day(false),
        Some(&(start, _)) if time < start => Verdict { open: false, until: start },
        Some(&(_, end)) => Verdict { open: true, until: end },
        // The day's last span is over, so none runs over midnight.
        None => {
            let tomorrow = hours.of_day(day + 1).own.first();
            Verdict { open: false, until: MILLIS_A_DAY + tomorrow.map_or(MILLIS_A_DAY, |(start, _)| *start) }
        }
    }
}

fn prime(hours: PrimeHours, reading: Reading) -> Verdict {
    const HOUR: i64 = 3_600_000;
    let hour = (reading.time / HOUR) as u32;
    let open = hours.contains(hour);
    let change = (hour + 1..24).find(|later| hours.contains(*later) != open).unwrap_or(24);
    Verdict { open, until: i64::from(change) * HOUR }
}

/// A rule put to the clock of one zone; asked about instants in rising order.
#[derive(Debug, Clone)]
pub(super) struct Gate<'a> {
    pub(super) rule: Rule,
    pub(super) zone: &'a Zone,
    policy: &'a HoursPolicy,
    /// Where the last question was answered: looking a stretch up costs more than all the rest.
    stretch: Stretch,
}

impl<'a> Gate<'a> {
    /// The gates of some rules: one for each, but the calling hours once for every zone of the lead.
    pub(super) fn all(policy: &'a HoursPolicy, lead_zones: &'a [Zone], rules: &[Rule]) -> Vec<Gate<'a>> {
        let home = std::slice::from_ref(&policy.zone);
        let lead_zones = if lead_zones.is_empty() { home } else { lead_zones };
        let unasked = Stretch { offset: 0, until: i64::MIN };
        rules
            .iter()
            .flat_map(|&rule| {
                let zones = if rule == Rule::CallingHours { lead_zones } else { home };
                zones.iter().map(move |zone| Gate { rule, zone, policy, stretch: unasked })
            })
            .collect()
    }

    /// What the rule says to an instant in milliseconds since 1970.
    pub(super) fn at(&mut self, instant: i64) -> Verdict {
        if instant >= self.stretch.until {
            self.stretch = self.zone.stretch_at(instant);
        }
        let local = instant + self.stretch.offset;
        let reading = Reading { day: local.div_euclid(MILLIS_A_DAY), time: local.rem_euclid(MILLIS_A_DAY) };
        let Verdict { open, until } = self.rule.at(self.policy, reading);
        Verdict { open, until: (instant + until - reading.time).min(self.stretch.until) }
    }
}
