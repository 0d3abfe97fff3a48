//! The window of a rule, as its row writes it: `Mon-Fri=09:00-20:00 Sat=09:00-17:00 Sun=-`.

use chrono::Weekday;

use crate::scheduler::{DaySpan, WeeklyHours};

/// Reads the hours of a week on the called person's clock: tokens `DAYS=SPANS`, separated by blanks. `*` is every day,
/// `-` closes days, a later token replaces an earlier one for its days, and a day without a token is closed.
///
/// # Errors
/// A sentence that names the token and the way out.
pub(super) fn read(text: &str) -> Result<WeeklyHours, String> {
    let mut hours = WeeklyHours::closed();
    for token in text.split_ascii_whitespace() {
        let shape =
            || format!("`{}` is not DAYS=SPANS: write such as Mon-Fri=09:00-20:00 or Sun=-", token.escape_debug());
        let (days, spans) = token.split_once('=').ok_or_else(shape)?;
        let days = days_of(days).ok_or_else(shape)?;
        let spans: Vec<DaySpan> = match spans {
            "-" => Vec::new(),
            spans => spans
                .split(',')
                .map(|span| span.parse().map_err(|error| format!("{error}")))
                .collect::<Result<_, _>>()?,
        };
        hours = days.into_iter().fold(hours, |hours, day| hours.with(day, spans.clone()));
    }
    Ok(hours)
}

/// `*`, a day, or a range of days, which may run over Sunday.
fn days_of(text: &str) -> Option<Vec<Weekday>> {
    let (first, last) = match text.split_once('-') {
        None if text == "*" => (Weekday::Mon, Weekday::Sun),
        None => (text.parse().ok()?, text.parse().ok()?),
        Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
    };
    let mut days = vec![first];
    let mut day = first;
    while day != last {
        day = day.succ();
        days.push(day);
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let hours = read(text).unwrap();
        let days = days_of("*").unwrap().into_iter().map(|day| {
            let spans: Vec<String> = hours.spans(day).iter().map(ToString::to_string).collect();
            spans.join(",")
        });
        days.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_later_token_replaces_an_earlier_one() {
        let eight = "08:00-20:00";
        assert_eq!(told("*=08:00-20:00 Sun=-"), format!("{}", [eight; 6].join(" ") + " "));
        assert_eq!(told("Mon-Tue=10:00-13:00,14:00-20:00 Tue=09:00-10:00"), "10:00-13:00,14:00-20:00 09:00-10:00     ");
        assert_eq!(told("Sat-Mon=08:00-20:00"), format!("{eight}     {eight} {eight}"));
    }

    #[test]
    fn a_token_of_another_shape_is_named() {
        for (text, message) in [
            ("09:00-20:00", "`09:00-20:00` is not DAYS=SPANS: write such as Mon-Fri=09:00-20:00 or Sun=-"),
            ("Foo=09:00-20:00", "`Foo=09:00-20:00` is not DAYS=SPANS: write such as Mon-Fri=09:00-20:00 or Sun=-"),
            ("Sun=", "`` is not a span: expected HH:MM-HH:MM, such as 10:00-14:00"),
            ("*=9-20", "`9` is not a time of day: expected HH:MM, from 00:00 to 24:00"),
        ] {
            assert_eq!(read(text).unwrap_err(), message);
        }
    }
}
