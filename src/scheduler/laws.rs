//! The laws of windows and slots, over random policies, zones and instants, half of them near a clock change.
//!
//! They are held against the definition itself, written here apart from the search: it asks each instant on its own, by
//! its reading, and never walks.

use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc, Weekday};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{
    Clause, ClientRules, DaySpan, HORIZON, Holidays, HoursPolicy, Layer, LegalPlace, LegalRule, PrimeHours, Reading,
    Verdict, WeeklyHours, Window, Zone, is_open, layer, next_slot, time_gates, why_never, windows,
};
use crate::model::Priority;

// The definition.

fn is_covered<'h>(
    spans_of: impl Fn(NaiveDate) -> &'h [DaySpan],
    reading: NaiveDateTime,
    is_open: impl Fn(NaiveDate) -> bool,
) -> bool {
    let today = reading.date();
    let yesterday = today.pred_opt().unwrap();
    let minute = (reading.hour() * 60 + reading.minute()) as u16;
    let from_today = spans_of(today).iter().any(|span| {
        let (start, end) = (span.start().minutes(), span.end().minutes());
        if start < end { start <= minute && minute < end } else { start <= minute }
    });
    let from_yesterday = spans_of(yesterday).iter().any(|span| {
        let (start, end) = (span.start().minutes(), span.end().minutes());
        end < start && minute < end
    });
    (from_today && is_open(today)) || (from_yesterday && is_open(yesterday))
}

fn is_member(
    policy: &HoursPolicy,
    workdays: &[NaiveDate],
    place: &LegalPlace,
    priority: Priority,
    instant: DateTime<Utc>,
) -> bool {
    let reading = policy.zone.local(instant);
    let business_of = |date: NaiveDate| {
        let spans = policy.business.spans(date.weekday());
        let first = || WEEK.iter().map(|day| policy.business.spans(*day)).find(|spans| !spans.is_empty());
        if spans.is_empty() && workdays.contains(&date) { first().unwrap_or(&[]) } else { spans }
    };
    let is_open = |date: NaiveDate| !policy.holidays.contains(date) && !business_of(date).is_empty();
    let business = is_covered(business_of, reading, is_open);
    let prime = policy.prime.contains(reading.hour());
    let home = [policy.zone.clone()];
    let zones = if place.zones().is_empty() { &home } else { place.zones() };
    let allows = |zone: &Zone, hours: &WeeklyHours| {
        is_covered(|date| hours.spans(date.weekday()), zone.local(instant), |_| true)
    };
    let laws = || place.rules().iter().map(|law| &(&**law as &dyn Any).downcast_ref::<Law>().unwrap().0);
    let legal = zones.iter().all(|zone| allows(zone, &policy.calling) && laws().all(|hours| allows(zone, hours)));
    let allowed = match priority {
        Priority::Urgent | Priority::Normal => business,
        Priority::High => business && prime,
        Priority::Low => is_open(reading.date()) && !(business && prime),
    };
    allowed && legal && !policy.holidays.contains(reading.date())
}

/// A rule of law that is open at some hours of a week.
#[derive(Debug)]
struct Law(WeeklyHours);

impl Clause for Law {
    fn at(&self, reading: Reading) -> Verdict {
        self.0.at(reading)
    }
}

impl LegalRule for Law {
    fn id(&self) -> &'static str {
        "law"
    }

    fn citation(&self) -> &'static str {
        "counsel"
    }

    fn limits(&self, _: Reading) -> String {
        "closes".to_owned()
    }
}

// Random questions.

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

#[derive(Debug, Clone)]
struct Question {
    policy: HoursPolicy,
    workdays: Vec<NaiveDate>,
    place: LegalPlace,
    priority: Priority,
    from: DateTime<Utc>,
}

impl Question {
    fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        next_slot(&self.policy, &self.place, self.priority, after)
    }

    fn windows(&self, span: TimeDelta) -> Vec<Window> {
        windows(&self.policy, &self.place, self.priority, self.from, self.from + span).collect()
    }
}

/// Gaps at midnight, shifts of half an hour and of two, odd offsets, a zone far ahead, one that has summer time in
/// winter.
const ZONES: [&str; 20] = [
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Havana",
    "America/Asuncion",
    "America/Santiago",
    "America/Nuuk",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
];

fn a_zone() -> impl Strategy<Value = Zone> {
    select(&ZONES).prop_map(|name| name.parse().unwrap())
}

fn a_span() -> impl Strategy<Value = DaySpan> {
    let anywhere = (0..1_440_u32, 1..1_440_u32);
    let around_clock_changes = (0..48_u32, 1..12_u32).prop_map(|(start, length)| (start * 5, length * 15));
    let usual = (6..14_u32, 4..12_u32).prop_map(|(start, length)| (start * 60, length * 60));
    prop_oneof![anywhere, around_clock_changes, usual].prop_map(|(start, length)| {
        let (start, end) = (start, (start + length) % 1_440);
        format!("{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60).parse().unwrap()
    })
}

fn some_hours() -> impl Strategy<Value = WeeklyHours> {
    let day = option::weighted(0.3, vec(a_span(), 0..=3));
    (vec(a_span(), 0..=2), vec(day, 7)).prop_map(|(usual, days)| {
        WEEK.into_iter().zip(days).fold(WeeklyHours::closed(), |hours, (weekday, own)| {
            hours.with(weekday, own.unwrap_or_else(|| usual.clone()))
        })
    })
}

fn long_hours() -> impl Strategy<Value = WeeklyHours> {
    prop_oneof![some_hours(), Just(WeeklyHours::every_day("00:00-24:00")), Just(WeeklyHours::every_day("08:00-21:00"))]
}

fn prime_hours() -> impl Strategy<Value = PrimeHours> {
    vec(0..24_u8, 0..8).prop_map(|hours| PrimeHours::new(hours).unwrap())
}

/// From 2020 to 2037 in milliseconds; half of them within two days of a clock change of `zone`.
fn an_instant(zone: &Zone, millis: i64, near: Option<i64>) -> DateTime<Utc> {
    let change = zone.stretch_at(millis).until;
    let millis = match near {
        Some(distance) if change < LAST => change + distance,
        _ => millis,
    };
    DateTime::from_timestamp_millis(millis).unwrap()
}

const FIRST: i64 = 1_577_836_800_000;
const LAST: i64 = 2_145_916_800_000;

fn a_question() -> impl Strategy<Value = Question> {
    let near = option::weighted(0.5, -172_800_000..172_800_000_i64);
    let when = (FIRST..LAST, near, 0..4_usize);
    let hours = (some_hours(), prime_hours(), long_hours());
    let closed = (vec(-3..12_i64, 0..4), vec(-3..12_i64, 0..2), option::weighted(0.3, -3..12_i64));
    (a_zone(), (vec(a_zone(), 0..=3), vec(long_hours(), 0..=2)), hours, closed, select(&Priority::ALL), when).prop_map(
        |(
            zone,
            (zones, laws),
            (business, prime, calling),
            (dates, yearly, workday),
            priority,
            (millis, near, whose),
        )| {
            let from = an_instant(zones.get(whose).unwrap_or(&zone), millis, near);
            let mut holidays = Holidays::default();
            let day = |distance: i64| (zone.local(from) + TimeDelta::days(distance)).date();
            dates.into_iter().for_each(|distance| holidays.add_date(day(distance)));
            yearly.into_iter().for_each(|distance| holidays.add_yearly(day(distance).month(), day(distance).day()));
            let workdays: Vec<NaiveDate> = workday.into_iter().map(day).collect();
            workdays.iter().for_each(|date| holidays.reopen(*date));
            Question {
                policy: HoursPolicy { zone, business, prime, calling, holidays, rules: ClientRules::default() },
                workdays,
                place: LegalPlace::with_rules(zones, laws.into_iter().map(|hours| Arc::new(Law(hours)) as _).collect()),
                priority,
                from,
            }
        },
    )
}

/// A slot to compare: "never" comes after all others.
fn order_of(slot: Option<DateTime<Utc>>) -> DateTime<Utc> {
    slot.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn every_minute(from: DateTime<Utc>, span: TimeDelta) -> impl Iterator<Item = DateTime<Utc>> {
    let first_mark = DateTime::from_timestamp(from.timestamp().div_euclid(60) * 60 + 60, 0).unwrap();
    let marks = (0..span.num_minutes() - 1).map(move |minutes| first_mark + TimeDelta::minutes(minutes));
    std::iter::once(from).chain(marks)
}

proptest! {
    #[test]
    fn windows_and_slots_are_what_the_definition_says(question in a_question()) {
        let Question { policy, workdays, place, priority, from } = &question;
        let span = TimeDelta::hours(40);
        let windows = question.windows(span);
        let mut first = None;
        for instant in every_minute(*from, span) {
            let member = is_member(policy, workdays, place, *priority, instant);
            let inside = windows.iter().any(|window| window.start <= instant && instant < window.end);
            prop_assert_eq!(inside, member, "windows {:?} at {}", &windows, instant);
            prop_assert_eq!(is_open(policy, place, *priority, instant), member, "is_open at {}", instant);
            first = first.or(member.then_some(instant));
        }
        let next = question.next(*from).filter(|slot| *slot < *from + span - TimeDelta::minutes(1));
        prop_assert_eq!(next, first.filter(|slot| *slot < *from + span - TimeDelta::minutes(1)));
    }

    #[test]
    fn a_slot_is_its_own_next_and_that_of_all_before_it(question in a_question(), part in 0.0..1.0) {
        if let Some(slot) = question.next(question.from) {
            let Question { policy, workdays, place, priority, .. } = &question;
            prop_assert!(is_member(policy, workdays, place, *priority, slot));
            prop_assert_eq!(question.next(slot), Some(slot));
            let wait = (slot - question.from).num_milliseconds();
            let between = question.from + TimeDelta::milliseconds((wait as f64 * part) as i64);
            prop_assert_eq!(question.next(between), Some(slot));
            if wait > 0 {
                let just_before = slot - TimeDelta::milliseconds(1);
                prop_assert!(!is_member(policy, workdays, place, *priority, just_before));
            }
        }
    }

    #[test]
    fn windows_are_maximal_and_agree_with_slots(question in a_question()) {
        let windows = question.windows(HORIZON);
        let mut after = question.from;
        for window in windows.iter().take(60) {
            prop_assert_eq!(question.next(after), Some(window.start));
            prop_assert!(window.start < window.end);
            prop_assert!(after < window.start || after == question.from, "touching windows at {}", after);
            after = window.end;
        }
        if windows.is_empty() {
            prop_assert_eq!(question.next(question.from), None);
        }
        let reason = why_never(&question.policy, &question.place, question.priority, question.from);
        prop_assert_eq!(reason.is_some(), windows.is_empty());
    }

    #[test]
    fn urgent_is_open_as_normal_and_high_never_before(question in a_question()) {
        let slot = |priority| order_of(next_slot(&question.policy, &question.place, priority, question.from));
        prop_assert_eq!(slot(Priority::Urgent), slot(Priority::Normal));
        prop_assert!(slot(Priority::Normal) <= slot(Priority::High));
    }

    #[test]
    fn a_narrower_policy_never_opens_earlier(
        question in a_question(),
        priority in select(&[Priority::Urgent, Priority::High, Priority::Normal]),
        holiday in 0..12_u64,
        weekday in 0..7_u8,
        further in a_zone(),
    ) {
        let Question { policy, workdays, place, from, .. } = &question;
        let weekday = Weekday::try_from(weekday).unwrap();
        let fewer = |hours: &WeeklyHours| {
            hours.clone().with(weekday, hours.spans(weekday).iter().skip(1).copied().collect())
        };
        let mut holidays = policy.holidays.clone();
        holidays.add_date(policy.zone.local(*from).date() + Days::new(holiday));
        let before = order_of(next_slot(policy, place, priority, *from));
        for narrower in [
            HoursPolicy { holidays, ..policy.clone() },
            // Without its own hours a workday would take those of another weekday, which may be earlier.
            HoursPolicy {
                business: if workdays.is_empty() { fewer(&policy.business) } else { policy.business.clone() },
                ..policy.clone()
            },
            HoursPolicy { calling: fewer(&policy.calling), ..policy.clone() },
        ] {
            prop_assert!(before <= order_of(next_slot(&narrower, place, priority, *from)), "{:?}", narrower);
        }
        let zones = || place.zones().iter().cloned();
        let rules = || place.rules().iter().cloned();
        let one_more = Arc::new(Law(fewer(&policy.calling))) as Arc<dyn LegalRule>;
        let with_law = LegalPlace::with_rules(zones().collect(), rules().chain([one_more]).collect());
        prop_assert!(before <= order_of(next_slot(policy, &with_law, priority, *from)));
        if !place.zones().is_empty() {
            let more_zones = LegalPlace::with_rules(zones().chain([further]).collect(), rules().collect());
            prop_assert!(before <= order_of(next_slot(policy, &more_zones, priority, *from)));
        }
    }

    #[test]
    fn a_call_may_start_when_all_gates_are_open(question in a_question(), part in 0.0..1.0) {
        let Question { policy, place, priority, from, .. } = &question;
        let gates_at = |instant| time_gates(policy, place, *priority, instant);
        let gates = gates_at(*from);
        prop_assert_eq!(gates.iter().all(|gate| gate.open), is_open(policy, place, *priority, *from));
        for (index, gate) in gates.iter().enumerate() {
            let until = gate.until.unwrap_or(*from + HORIZON);
            let wait = (until - *from).num_milliseconds();
            prop_assert!(wait > 0);
            let same = *from + TimeDelta::milliseconds(((wait - 1) as f64 * part) as i64);
            prop_assert_eq!(gates_at(same)[index].open, gate.open);
            prop_assert_eq!(gates_at(until - TimeDelta::milliseconds(1))[index].open, gate.open);
            if gate.until.is_some() {
                prop_assert_eq!(gates_at(until)[index].open, !gate.open);
            }
        }
    }

    #[test]
    fn the_layers_meet_in_the_windows(question in a_question()) {
        let Question { policy, place, from, .. } = &question;
        let span = TimeDelta::days(9);
        let spans = |layer_name| layer(policy, place, layer_name, *from, *from + span).collect::<Vec<_>>();
        let layers = [Layer::Business, Layer::Prime, Layer::Legal].map(spans);
        let [normal, high] = [Priority::Normal, Priority::High]
            .map(|priority| windows(policy, place, priority, *from, *from + span).collect::<Vec<_>>());
        let inside = |spans: &[Window], instant| spans.iter().any(|span| span.start <= instant && instant < span.end);
        for minutes in (0..span.num_minutes()).step_by(7) {
            let instant = *from + TimeDelta::minutes(minutes);
            let [business, prime, legal] = layers.each_ref().map(|layer| inside(layer, instant));
            prop_assert_eq!(business && legal, inside(&normal, instant), "{}", instant);
            prop_assert_eq!(prime && legal, inside(&high, instant), "{}", instant);
            prop_assert!(business || !prime);
        }
    }

    #[test]
    fn no_instant_is_too_far(question in a_question(), millis in MIN_MILLIS..MAX_MILLIS) {
        for from in [millis, MIN_MILLIS, MAX_MILLIS].map(|millis| DateTime::from_timestamp_millis(millis).unwrap()) {
            let _ = question.next(from);
            let _ = why_never(&question.policy, &question.place, question.priority, from);
            let _ = time_gates(&question.policy, &question.place, question.priority, from);
            let to = from.checked_add_signed(TimeDelta::days(3)).unwrap_or(DateTime::<Utc>::MAX_UTC);
            let _ = windows(&question.policy, &question.place, question.priority, from, to).count();
        }
    }
}

const MIN_MILLIS: i64 = DateTime::<Utc>::MIN_UTC.timestamp_millis();
const MAX_MILLIS: i64 = DateTime::<Utc>::MAX_UTC.timestamp_millis();
