//! The rules of a client's policy about the time of a call, each a [`Clause`] about one clock.

use super::HoursPolicy;
use super::hours::{DayHours, MILLIS_A_DAY, PrimeHours, WeeklyHours};
use super::law::{LegalClause, LegalPlace, LegalRule};
use super::reading::{Clause, ClockGate, Reading, Verdict};
use super::zone::Zone;
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
    /// A rule of law, in one zone.
    Law,
    /// No region is known, and nobody is called then.
    Place,
}

impl Rule {
    /// The rules of a priority, in the order in which `why` shows them.
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
            Rule::Workday => Verdict::whole_day(is_open_date(policy, reading.day)),
            Rule::PriorityHours => prime(policy.prime, reading),
            Rule::QuietHours => {
                let (business, prime) = (business(policy, reading), prime(policy.prime, reading));
                Verdict { open: !(business.open && prime.open), until: business.until.min(prime.until) }
            }
            Rule::Holiday => Verdict::whole_day(!policy.holidays.contains_day(reading.day)),
            Rule::CallingHours => policy.calling.at(reading),
            // The policy does not know the rules of a place: `LegalPlace` asks them.
            Rule::Law | Rule::Place => Verdict::whole_day(true),
        }
    }
}

/// Whether shifts may start on a date: no holiday, and a weekday with spans.
fn is_open_date(policy: &HoursPolicy, day: i64) -> bool {
    !business_of_day(policy, day).own.is_empty() && !policy.holidays.contains_day(day)
}

/// The business hours of a date: its weekday's. A workday whose weekday has none has those of the first that has some.
fn business_of_day(policy: &HoursPolicy, day: i64) -> &DayHours {
    let usual = policy.business.of_day(day);
    if usual.own.is_empty() && policy.holidays.reopens_day(day) { policy.business.of_first_day() } else { usual }
}

fn business(policy: &HoursPolicy, reading: Reading) -> Verdict {
    covered(|day| business_of_day(policy, day), reading, |day| is_open_date(policy, day))
}

/// Whether the hours of the days cover a reading, when only some dates are open. The tail of a span that runs over
/// midnight belongs to the date on which it starts.
fn covered<'h>(of_day: impl Fn(i64) -> &'h DayHours, reading: Reading, is_open: impl Fn(i64) -> bool) -> Verdict {
    let Reading { day, time } = reading;
    let (yesterday, today) = (of_day(day - 1), of_day(day));
    if time < yesterday.tail && is_open(day - 1) {
        return Verdict { open: true, until: yesterday.tail };
    }
    match today.own.iter().find(|(_, end)| time < *end) {
        Some(_) if !is_open(day) => Verdict::whole_day(false),
        Some(&(start, _)) if time < start => Verdict { open: false, until: start },
        Some(&(_, end)) => Verdict { open: true, until: end },
        // The day's last span is over, so none runs over midnight.
        None => {
            let tomorrow = of_day(day + 1).own.first();
            Verdict { open: false, until: MILLIS_A_DAY + tomorrow.map_or(MILLIS_A_DAY, |(start, _)| *start) }
        }
    }
}

impl WeeklyHours {
    /// Whether these hours cover a reading, when every date is an open one.
    pub fn at(&self, reading: Reading) -> Verdict {
        covered(|day| self.of_day(day), reading, |_| true)
    }
}

fn prime(hours: PrimeHours, reading: Reading) -> Verdict {
    const HOUR: i64 = 3_600_000;
    let hour = (reading.time / HOUR) as u32;
    let open = hours.contains(hour);
    let change = (hour + 1..24).find(|later| hours.contains(*later) != open).unwrap_or(24);
    Verdict { open, until: i64::from(change) * HOUR }
}

/// What one gate asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Question<'a> {
    /// A rule of the client's policy.
    Policy(Rule, &'a HoursPolicy),
    /// The calling hours and every rule of law together, so that a zone's offset is looked up once for all of them.
    Legal(LegalClause<'a>),
    /// A rule of law alone.
    Law(&'a dyn LegalRule),
    /// No call at all.
    Blocked,
}

impl<'a> Question<'a> {
    /// The rule that closes a reading, and the rule of law when it is one.
    pub(super) fn closed_by(self, reading: Reading) -> Option<(Rule, Option<&'a dyn LegalRule>)> {
        match self {
            Question::Policy(rule, policy) => (!rule.at(policy, reading).open).then_some((rule, None)),
            Question::Blocked => Some((Rule::Place, None)),
            Question::Law(law) => (!law.at(reading).open).then_some((Rule::Law, Some(law))),
            Question::Legal(LegalClause { calling, .. }) if !calling.at(reading).open => {
                Some((Rule::CallingHours, None))
            }
            Question::Legal(LegalClause { rules, .. }) => {
                let law = rules.iter().find(|law| !law.at(reading).open)?;
                Some((Rule::Law, Some(&**law)))
            }
        }
    }
}

impl Clause for Question<'_> {
    fn at(&self, reading: Reading) -> Verdict {
        match self {
            Question::Policy(rule, policy) => rule.at(policy, reading),
            Question::Legal(legal) => legal.at(reading),
            Question::Law(law) => law.at(reading),
            Question::Blocked => Verdict::for_days(false, DAYS_OF_SEARCH),
        }
    }
}

/// A question put to the clock of one zone.
pub(super) type Gate<'a> = ClockGate<'a, Question<'a>>;

impl<'a> Gate<'a> {
    /// The gates of some rules: one for each, but the calling hours, with the rules of law, once for every zone of the
    /// lead.
    pub(super) fn all(policy: &'a HoursPolicy, place: &'a LegalPlace, rules: &[Rule]) -> Vec<Gate<'a>> {
        let legal = Question::Legal(LegalClause { calling: &policy.calling, rules: place.rules() });
        let gates = rules.iter().flat_map(|&rule| match rule {
            Rule::CallingHours => on_clocks(legal, place.clocks(policy)),
            rule => on_clocks(Question::Policy(rule, policy), home(policy)),
        });
        blocked(policy, place).chain(gates).collect()
    }

    /// The same, with every rule of law by itself behind the calling hours.
    pub(super) fn each(policy: &'a HoursPolicy, place: &'a LegalPlace, rules: &[Rule]) -> Vec<Gate<'a>> {
        let clocks = |rule| if rule == Rule::CallingHours { place.clocks(policy) } else { home(policy) };
        let of_policy = rules.iter().flat_map(|&rule| on_clocks(Question::Policy(rule, policy), clocks(rule)));
        let laws = place.rules().iter().flat_map(|law| on_clocks(Question::Law(&**law), place.clocks(policy)));
        blocked(policy, place).chain(of_policy).chain(laws).collect()
    }
}

/// Longer than any search goes on.
const DAYS_OF_SEARCH: i64 = 1_000;

fn blocked<'a>(policy: &'a HoursPolicy, place: &LegalPlace) -> impl Iterator<Item = Gate<'a>> + use<'a> {
    place.is_blocked().then(|| ClockGate::new(Question::Blocked, &policy.zone)).into_iter()
}

fn home(policy: &HoursPolicy) -> &[Zone] {
    std::slice::from_ref(&policy.zone)
}

fn on_clocks<'a>(question: Question<'a>, zones: &'a [Zone]) -> impl Iterator<Item = Gate<'a>> + use<'a> {
    zones.iter().map(move |zone| ClockGate::new(question, zone))
}
