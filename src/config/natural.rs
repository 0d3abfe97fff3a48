//! Values as people type them for `config set`: `Mon-Fri`, `9am`, `5m,30m,2h`, `+49`. The file gets the form of its key.

use super::keys::Key;
use super::read::WEEKDAYS;
use crate::model::parse_duration;
use crate::scheduler::clock_time;

/// The value in the form of its key; none where it has that form already, or a wrong one, which the key then refuses.
///
/// # Errors
/// For a program with its arguments in one text: what to write instead.
pub(super) fn form_of(key: &Key, text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    match key.name {
        "active_days" => Ok(weekdays(text)),
        "retry_delays" | "retry_ladder.<reason>" => Ok(minutes(text)),
        "country_code" => Ok(text.strip_prefix('+').map(str::to_owned)),
        "dispatch.command" if !text.starts_with('[') && text.contains(char::is_whitespace) => {
            let words: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
            Err(format!("`{text}` has blanks: write a list of the program and its arguments, [{}]", words.join(", ")))
        }
        name if name.ends_with("_hours.start") || name.ends_with("_hours.end") => Ok(clock(text)),
        name if name.ends_with("_hours.days.<weekday>") && !text.starts_with('[') => Ok(spans(text)),
        _ => Ok(None),
    }
}

/// Two keys of one text: `business_hours=09:00-17:00`.
pub(super) fn start_and_end(name: &str, text: &str) -> Option<[(String, String); 2]> {
    if !matches!(name, "business_hours" | "calling_hours") {
        return None;
    }
    let (start, end) = text.trim().split_once('-')?;
    Some([(format!("{name}.start"), start.trim().to_owned()), (format!("{name}.end"), end.trim().to_owned())])
}

/// `9am` as `09:00`. What is no time stays as it is, and is refused as such.
fn clock(text: &str) -> Option<String> {
    if text.contains(':') && text.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    clock_time(text).map(|time| time.format("%H:%M").to_string())
}

/// `9am-1pm,2pm-5pm`.
fn spans(text: &str) -> Option<String> {
    let span = |part: &str| {
        let (start, end) = part.split_once('-')?;
        let time = |text: &str| clock(text.trim()).unwrap_or_else(|| text.trim().to_owned());
        Some(format!("{}-{}", time(start), time(end)))
    };
    text.split(',').map(span).collect::<Option<Vec<_>>>().map(|spans| spans.join(","))
}

/// `Mon-Fri` or `monday,sat` as names with commas between them.
fn weekdays(text: &str) -> Option<String> {
    if text.starts_with('[') {
        return None;
    }
    let place = |name: &str| {
        let day: chrono::Weekday = name.trim().parse().ok()?;
        usize::try_from(day.num_days_from_monday()).ok()
    };
    let mut days = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            Some((first, last)) => {
                let (first, last) = (place(first)?, place(last)?);
                // Over the end of the week where it must: Sat-Mon.
                let count = (last + 7 - first) % 7 + 1;
                days.extend((first..first + count).map(|day| day % 7));
            }
            None => days.push(place(part)?),
        }
    }
    let names: Option<Vec<&str>> = days.into_iter().map(|day| WEEKDAYS.get(day).copied()).collect();
    names.map(|names| names.join(","))
}

/// `5m,30m,2h` as minutes. Bare numbers are minutes already.
fn minutes(text: &str) -> Option<String> {
    if !text.contains(|letter: char| letter.is_ascii_alphabetic()) || text.starts_with('[') {
        return None;
    }
    let minutes = |part: &str| {
        if part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Some(part.to_owned());
        }
        let millis = parse_duration(part).ok()?.num_milliseconds();
        // Exact: a duration has at most 13 digits.
        Some(if millis % 60_000 == 0 { (millis / 60_000).to_string() } else { (millis as f64 / 60_000.0).to_string() })
    };
    text.split(',').map(|part| minutes(part.trim())).collect::<Option<Vec<_>>>().map(|parts| parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::KEYS;

    #[test]
    fn each_form_becomes_that_of_its_key() {
        for (name, text, expected) in [
            ("active_days", "Mon-Fri", Some("Mon,Tue,Wed,Thu,Fri")),
            ("active_days", "sat-mon, thursday", Some("Sat,Sun,Mon,Thu")),
            ("active_days", "[\"Mon\"]", None),
            ("active_days", "Mon-Someday", None),
            ("business_hours.start", "9am", Some("09:00")),
            ("business_hours.end", "5:30 pm", Some("17:30")),
            ("business_hours.start", "9:00", None),
            ("calling_hours.end", "late", None),
            ("business_hours.days.<weekday>", "10am-2pm,15:00-16:00", Some("10:00-14:00,15:00-16:00")),
            ("retry_delays", "5m,30m,2h", Some("5,30,120")),
            ("retry_delays", "30s, 5", Some("0.5,5")),
            ("retry_delays", "5,15", None),
            ("retry_delays", "soon", None),
            ("retry_ladder.<reason>", "10m,2h,1d", Some("10,120,1440")),
            ("country_code", "+49", Some("49")),
            ("timezone", "Europe/Berlin", None),
        ] {
            let key = KEYS.iter().find(|key| key.name == name).unwrap();
            assert_eq!(form_of(key, text).unwrap().as_deref(), expected, "{name} {text}");
        }
    }

    #[test]
    fn a_program_with_arguments_is_a_list() {
        let key = KEYS.iter().find(|key| key.name == "dispatch.command").unwrap();
        let error = form_of(key, "/opt/call.sh --fast").unwrap_err();
        assert!(
            error.ends_with("write a list of the program and its arguments, [\"/opt/call.sh\", \"--fast\"]"),
            "{error}"
        );
        assert_eq!(form_of(key, "[\"/opt/my call.sh\"]"), Ok(None));
    }
}
