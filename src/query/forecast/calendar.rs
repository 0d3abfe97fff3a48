//! The days and hours of a forecast.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::model::from_millis;
use crate::scheduler::Zone;

pub(super) const HOUR: i64 = 3_600_000;

/// The dates of a zone from one instant on.
pub(super) struct Calendar {
    first: NaiveDate,
    /// When each date begins, and when the last one ends, in milliseconds.
    edges: Vec<i64>,
    /// The beginning of the first hour by the zone's clock.
    first_hour: i64,
}

impl Calendar {
    /// The dates that an instant and the `days` after it lie on.
    pub(super) fn new(zone: &Zone, start: DateTime<Utc>, days: usize) -> Calendar {
        let local = zone.local(start);
        let first = local.date();
        let start_ms = start.timestamp_millis();
        let mut edges = Vec::with_capacity(days + 2);
        // No date is shorter than a second or longer than 26 hours in whole minutes of every present clock.
        let mut edge = start_ms - start_ms.rem_euclid(60_000) - TimeDelta::hours(26).num_milliseconds();
        for day in 0..=days + 1 {
            let date = first.checked_add_signed(TimeDelta::days(i64::try_from(day).unwrap_or(0))).unwrap_or(first);
            edge = first_instant(zone, date, edge);
            edges.push(edge);
        }
        let into_hour = local.and_utc().timestamp_millis().rem_euclid(HOUR);
        Calendar { first, edges, first_hour: start_ms - into_hour }
    }

    /// How many dates there are.
    pub(super) fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// The date of a number, with its beginning and its end.
    pub(super) fn day(&self, index: usize) -> Option<(NaiveDate, i64, i64)> {
        let date = self.first.checked_add_signed(TimeDelta::days(i64::try_from(index).ok()?))?;
        Some((date, *self.edges.get(index)?, *self.edges.get(index + 1)?))
    }

    /// The number of the date on which an instant lies, when that is `known` or a later one.
    pub(super) fn index_from(&self, known: usize, at: i64) -> usize {
        let later = self.edges.iter().skip(known + 1).take_while(|edge| **edge <= at).count();
        (known + later).min(self.len().saturating_sub(1))
    }

    /// The number of the hour in which an instant lies.
    pub(super) fn hour(&self, at: i64) -> usize {
        usize::try_from((at - self.first_hour) / HOUR).unwrap_or(0)
    }

    pub(super) fn hour_start(&self, index: usize) -> Option<DateTime<Utc>> {
        from_millis(self.first_hour + HOUR * i64::try_from(index).ok()?)
    }
}

/// The first whole minute from `after` on whose reading is on a date or a later one.
fn first_instant(zone: &Zone, date: NaiveDate, after: i64) -> i64 {
    const MINUTE: i64 = 60_000;
    let is_reached = |at: i64| from_millis(at).is_none_or(|at| zone.local(at).date() >= date);
    let (mut low, mut high) = (0, 2 * 26 * 60);
    while low < high {
        let middle = (low + high) / 2;
        if is_reached(after + middle * MINUTE) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    after + low * MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_begin_at_midnight_also_on_the_day_of_a_clock_change() {
        let zone: Zone = "America/New_York".parse().unwrap();
        let start: DateTime<Utc> = "2026-10-31T15:20:00Z".parse().unwrap();
        let calendar = Calendar::new(&zone, start, 3);
        let begins = |index| calendar.day(index).map(|(date, from, _)| (date.to_string(), from_millis(from).unwrap()));
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(begins(0), Some(("2026-10-31".to_owned(), at("2026-10-31T04:00:00Z"))));
        assert_eq!(begins(1), Some(("2026-11-01".to_owned(), at("2026-11-01T04:00:00Z"))));
        assert_eq!(begins(2), Some(("2026-11-02".to_owned(), at("2026-11-02T05:00:00Z"))));
        let of = |text: &str| calendar.index_from(0, at(text).timestamp_millis());
        assert_eq!((of("2026-11-01T03:59:59Z"), of("2026-11-01T04:00:00Z")), (0, 1));
        assert_eq!(calendar.hour_start(1), Some(at("2026-10-31T16:00:00Z")));
    }
}
