//! The hours of a week in one line: `Mon to Fri 09:00-17:00 EST`.

use chrono::{NaiveTime, Weekday};

/// The hours of each day, from Monday on, days with the same hours as one. `zone` is the abbreviation of their clock.
pub fn week_line(days: &[(Weekday, Vec<(NaiveTime, NaiveTime)>)], zone: &str) -> String {
    let follows = |a: Weekday, b: Weekday| a.num_days_from_monday() + 1 == b.num_days_from_monday();
    let alike = days.chunk_by(|(a, of_a), (b, of_b)| of_a == of_b && follows(*a, *b));
    let said: Vec<String> = alike.filter_map(of_days).collect();
    match said.is_empty() {
        true => "never in the next 7 days".to_owned(),
        false => format!("{} {zone}", said.join(", ")),
    }
}

fn of_days(days: &[(Weekday, Vec<(NaiveTime, NaiveTime)>)]) -> Option<String> {
    let ((first, spans), (last, _)) = (days.first()?, days.last()?);
    let spans: Vec<String> =
        spans.iter().map(|(from, to)| format!("{}-{}", from.format("%H:%M"), to.format("%H:%M"))).collect();
    let days = if first == last { first.to_string() } else { format!("{first} to {last}") };
    Some(format!("{days} {}", spans.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_with_the_same_hours_are_one_unless_a_day_lies_between() {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let day = |day, hours: &[(u32, u32)]| (day, hours.iter().map(|(from, to)| (at(*from), at(*to))).collect());
        let week = [
            day(Weekday::Mon, &[(9, 17)]),
            day(Weekday::Tue, &[(9, 17)]),
            day(Weekday::Thu, &[(9, 17)]),
            day(Weekday::Sat, &[(9, 12), (13, 15)]),
        ];
        let said = "Mon to Tue 09:00-17:00, Thu 09:00-17:00, Sat 09:00-12:00 and 13:00-15:00 EST";
        assert_eq!(week_line(&week, "EST"), said);
        assert_eq!(week_line(&[], "EST"), "never in the next 7 days");
    }
}
