//! Benches of the scheduler: a year of windows, and one slot, near and never; and of the rules about places.

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

use callq::compliance::{CallingCode, LegalHours, NumberPlace, Place, RuleSet, number};
use callq::model::{PhoneNumber, Priority, Voice};
use callq::scheduler::{
    ClientRules, DaySpan, Holidays, HoursPolicy, LegalPlace, PrimeHours, WeeklyHours, Zone, next_slot, windows,
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// 2025-11-22T08:26:40Z.
const FROM: DateTime<Utc> = match DateTime::from_timestamp(1_763_800_000, 0) {
    Some(instant) => instant,
    None => DateTime::<Utc>::UNIX_EPOCH,
};

fn parse<T: FromStr>(text: &str) -> T
where
    T::Err: Debug,
{
    text.parse().unwrap_or_else(|error| panic!("`{text}`: {error:?}"))
}

fn weekly(span: &str, days: usize) -> WeeklyHours {
    let span: DaySpan = parse(span);
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    week.into_iter().take(days).fold(WeeklyHours::closed(), |hours, day| hours.with(day, vec![span]))
}

fn zone(name: &str) -> Zone {
    parse(name)
}

/// The built-in policy.
fn policy() -> HoursPolicy {
    HoursPolicy {
        zone: zone("America/New_York"),
        business: weekly("09:00-17:00", 5),
        prime: PrimeHours::new([9, 10, 11, 14, 15, 16]).unwrap_or_default(),
        calling: weekly("08:00-21:00", 7),
        holidays: Holidays::default(),
        rules: ClientRules::default(),
    }
}

/// A place in these zones, under no law.
fn place(zones: &[Zone]) -> LegalPlace {
    LegalPlace::with_rules(zones.to_vec(), Arc::new([]))
}

/// The same with every date of more than a year a holiday.
fn always_holiday() -> HoursPolicy {
    let mut policy = policy();
    FROM.date_naive().iter_days().take(370).for_each(|date| policy.holidays.add_date(date));
    policy
}

/// The same with ten holidays a year, each year a date of its own.
fn usual_holidays() -> HoursPolicy {
    let mut policy = policy();
    for year in FROM.year()..FROM.year() + 4 {
        (1..=10)
            .filter_map(|month| NaiveDate::from_ymd_opt(year, month, 5))
            .for_each(|date| policy.holidays.add_date(date));
    }
    policy
}

#[divan::bench(args = Priority::ALL)]
fn year_of_windows(bencher: Bencher, priority: Priority) {
    let (policy, place) = (usual_holidays(), place(&[zone("America/Los_Angeles"), zone("America/Denver")]));
    let to = FROM + TimeDelta::days(365);
    bencher.bench(|| windows(&policy, black_box(&place), priority, FROM, to).count());
}

#[divan::bench(args = [0, 1, 2])]
fn slot_with_lead_zones(bencher: Bencher, zones: usize) {
    let (policy, all) = (usual_holidays(), [zone("America/Los_Angeles"), zone("Europe/London")]);
    let place = place(&all[..zones]);
    bencher.bench(|| next_slot(&policy, black_box(&place), Priority::High, FROM));
}

#[divan::bench]
fn never_for_no_open_day(bencher: Bencher) {
    let policy = HoursPolicy { business: WeeklyHours::closed(), ..policy() };
    let place = place(&[]);
    bencher.bench(|| next_slot(black_box(&policy), &place, Priority::Normal, FROM));
}

#[divan::bench]
fn never_for_holidays(bencher: Bencher) {
    let policy = always_holiday();
    let place = place(&[]);
    bencher.bench(|| next_slot(black_box(&policy), &place, Priority::Normal, FROM));
}

#[divan::bench]
fn never_for_hours_that_do_not_overlap(bencher: Bencher) {
    let (policy, place) = (policy(), place(&[zone("Asia/Tokyo")]));
    let policy = HoursPolicy { business: weekly("09:00-12:00", 7), ..policy };
    bencher.bench(|| next_slot(black_box(&policy), &place, Priority::Normal, FROM));
}

/// The floor is 1 µs.
#[divan::bench(args = ["+18505550100", "+5583939057", "+442079460018", "+99912345678"])]
fn place_of_a_number(bencher: Bencher, number: &str) {
    let number: PhoneNumber = parse(number);
    bencher.bench(|| NumberPlace::of(black_box(&number)).map(|place| place.prefix));
}

#[divan::bench(args = ["+18505550100", "(850) 555-0100", "030 901820"])]
fn written_number(bencher: Bencher, written: &str) {
    let code: CallingCode = parse(if written.starts_with('0') { "49" } else { "1" });
    bencher.bench(|| number::read(black_box(written), Some(code)));
}

#[divan::bench]
fn all_shipped_rules(bencher: Bencher) {
    bencher.bench(|| RuleSet::shipped().map(|set| set.all().len()));
}

/// A number of Florida (two zones) and one of Pennsylvania (a calendar). The floor is 5 µs.
#[divan::bench(args = ["+18505550100", "+14125550102"])]
fn rules_at_an_instant(bencher: Bencher, number: &str) {
    let (set, calling, home) = (RuleSet::shipped().unwrap_or_default(), weekly("08:00-21:00", 7), Zone::UTC);
    let place = Place::of(Some(&parse(number)), None, &[""; 0]);
    let zones: Vec<Zone> = place.zones.iter().map(|name| zone(name)).collect();
    let hours = LegalHours::new(&calling, set.that_hold(&place.regions, None, Voice::Ai), &zones, &home);
    let open = FROM + TimeDelta::hours(8);
    bencher.bench(|| hours.is_open(black_box(open)));
}

#[divan::bench]
fn never_by_rules(bencher: Bencher) {
    let (set, calling, home) = (RuleSet::shipped().unwrap_or_default(), weekly("08:00-21:00", 7), Zone::UTC);
    let place = Place::of(Some(&parse("+14015550103")), None, &["America/New_York", "Asia/Shanghai"]);
    let zones: Vec<Zone> = place.zones.iter().map(|name| zone(name)).collect();
    let hours = LegalHours::new(&calling, set.that_hold(&place.regions, None, Voice::Ai), &zones, &home);
    bencher.bench(|| hours.next_open(black_box(FROM)));
}
