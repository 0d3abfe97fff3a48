//! The hours of a week in which a normal call may begin.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use super::{HoursPolicy, LegalPlace, Window, windows};
use crate::model::Priority;

/// The spans of the seven days from a time on, on the client's clock, from Monday on; days without one are left out.
pub fn hours_of_week(
    policy: &HoursPolicy,
    place: &LegalPlace,
    at: DateTime<Utc>,
) -> Vec<(Weekday, Vec<(NaiveTime, NaiveTime)>)> {
    let zone = &policy.zone;
    let mut days: Vec<(NaiveDate, Vec<(NaiveTime, NaiveTime)>)> = Vec::new();
    let today = zone.local(at).date();
    for Window { start, end } in windows(policy, place, Priority::Normal, at, at + TimeDelta::days(8)) {
        // Part of the day of the question may be over, so the day a week later tells its hours.
        let (from, to) = (zone.local(start), zone.local(end));
        let date = from.date();
        if date == today || date > today + TimeDelta::days(7) {
            continue;
        }
        let span = (from.time(), to.time());
        match days.last_mut() {
            Some((last, spans)) if *last == date => spans.push(span),
            _ => days.push((date, vec![span])),
        }
    }
    days.sort_by_key(|(date, _)| date.weekday().num_days_from_monday());
    days.into_iter().map(|(date, spans)| (date.weekday(), spans)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_the_question_is_told_by_the_day_a_week_later() {
        let policy = crate::scheduler::Policy::default().hours;
        let at = "2026-11-25T20:00:00Z".parse().unwrap();
        let days = hours_of_week(&policy, &LegalPlace::home(&policy), at);
        let whole: Vec<Weekday> = days.iter().map(|(day, _)| *day).collect();
        assert_eq!(whole, [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri]);
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        assert!(days.iter().all(|(_, spans)| *spans == [(hour(9), hour(17))]), "{days:?}");
    }
}
