//! The picture of some days: what holds in every quarter of an hour of the client's clock.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};

use crate::model::Priority;
use crate::output::{DayPicture, QuarterHour};
use crate::scheduler::{HoursPolicy, Layer, LegalPlace, Window, Windows, layer, windows};

/// The quarters of an hour in a day.
const QUARTERS: usize = 96;

/// A quarter of an hour.
const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// The days of a range of dates, each whole, for leads at a place and calls of a priority. `near` is an instant on the
/// first of them. A date that the client's calendar skips is left out.
pub(super) fn week(
    policy: &HoursPolicy,
    place: &LegalPlace,
    priority: Priority,
    near: DateTime<Utc>,
    dates: RangeInclusive<NaiveDate>,
) -> Vec<DayPicture> {
    // No date begins more than 26 hours before one of its instants, and none is longer.
    let start = floor(near - TimeDelta::hours(26));
    let end = near + TimeDelta::days((*dates.end() - *dates.start()).num_days() + 1) + TimeDelta::hours(26);
    let spans = |which| Spans::of(layer(policy, place, which, start, end));
    let (mut business, mut prime, mut legal) = (spans(Layer::Business), spans(Layer::Prime), spans(Layer::Legal));
    let mut callable = Spans::of(windows(policy, place, priority, start, end));
    let mut days: BTreeMap<NaiveDate, [Option<QuarterHour>; QUARTERS]> = BTreeMap::new();
    let mut instant = start;
    while instant < end {
        let local = policy.zone.local(instant);
        let until = instant + QUARTER;
        let found = QuarterHour {
            business: business.cover(instant, until),
            prime: prime.cover(instant, until),
            legal: legal.cover(instant, until),
            callable: callable.cover(instant, until),
        };
        let index = (local.num_seconds_from_midnight() / 900) as usize;
        if dates.contains(&local.date())
            && let Some(quarter) = days.entry(local.date()).or_insert([None; QUARTERS]).get_mut(index)
        {
            // An hour that a clock change repeats holds only what holds both times.
            *quarter = Some(quarter.map_or(found, |first| both(first, found)));
        }
        instant = until;
    }
    let picture = |(date, quarters): (NaiveDate, [Option<QuarterHour>; QUARTERS])| DayPicture {
        date,
        quarters: quarters.into_iter().map(Option::unwrap_or_default).collect(),
    };
    days.into_iter().map(picture).collect()
}

/// The quarter of an hour of every present clock in which an instant lies: their offsets are whole quarters.
fn floor(instant: DateTime<Utc>) -> DateTime<Utc> {
    let quarter = QUARTER.num_milliseconds();
    instant - TimeDelta::milliseconds(instant.timestamp_millis().rem_euclid(quarter))
}

fn both(one: QuarterHour, other: QuarterHour) -> QuarterHour {
    QuarterHour {
        business: one.business && other.business,
        prime: one.prime && other.prime,
        legal: one.legal && other.legal,
        callable: one.callable && other.callable,
    }
}

/// Windows that are asked, in rising order, whether they cover a span.
struct Spans<'a> {
    windows: Windows<'a>,
    present: Option<Window>,
}

impl<'a> Spans<'a> {
    fn of(mut windows: Windows<'a>) -> Spans<'a> {
        let present = windows.next();
        Spans { windows, present }
    }

    fn cover(&mut self, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        while self.present.is_some_and(|window| window.end <= start) {
            self.present = self.windows.next();
        }
        self.present.is_some_and(|window| window.start <= start && end <= window.end)
    }
}
