//! Reads one value as what its key takes. A refusal shows the value and says what is allowed.

use std::fmt::Display;
use std::ops::{Range, RangeBounds};
use std::path::PathBuf;

use chrono::{TimeDelta, Weekday};

use super::value::{Data, Value};
use crate::model::{did_you_mean, parse_duration};

/// Why a value is refused: for each fault the bytes of the file at which it stands, and what follows the key's name.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Vec<(Range<usize>, String)>);

impl Fault {
    /// The value is not one of those that are allowed.
    pub(super) fn expected(value: &Value, allowed: impl Display) -> Fault {
        Fault(vec![(value.span.clone(), format!(" is {value}: expected {allowed}"))])
    }

    /// The value is refused for a reason that names it.
    pub(super) fn because(value: &Value, reason: impl Display) -> Fault {
        Fault(vec![(value.span.clone(), format!(": {reason}"))])
    }
}

/// The names of the weekdays, Monday first.
pub(super) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The weekday of a name, spelled as in [`WEEKDAYS`].
pub(super) fn weekday_named(name: &str) -> Option<Weekday> {
    WEEKDAYS.contains(&name).then(|| name.parse().ok()).flatten()
}

/// The names of the weekdays as a message gives them.
pub(super) fn allowed_weekdays(found: &str) -> String {
    format!("one of {}{}", WEEKDAYS.join(", "), did_you_mean(found, WEEKDAYS))
}

/// A text that is not empty.
pub(super) fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str, Fault> {
    match &value.data {
        Data::Text(text) if !text.trim().is_empty() => Ok(text),
        _ => Err(Fault::expected(value, what)),
    }
}

/// A text that another type understands.
pub(super) fn parsed<T: std::str::FromStr<Err: Display>>(value: &Value, what: &str) -> Result<T, Fault> {
    text(value, what)?.parse().map_err(|error| Fault::because(value, error))
}

/// One of a few words.
pub(super) fn word<T: Copy>(value: &Value, words: &[(&'static str, T)]) -> Result<T, Fault> {
    let names = || words.iter().map(|(name, _)| *name);
    let allowed = |hint: &str| format!("one of {}{hint}", names().collect::<Vec<_>>().join(", "));
    let Data::Text(found) = &value.data else { return Err(Fault::expected(value, allowed(""))) };
    words
        .iter()
        .find(|(name, _)| name == found)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| Fault::expected(value, allowed(&did_you_mean(found, names()))))
}

/// A path. `~` is the shell's to expand, and nobody does it here.
pub(super) fn path(value: &Value) -> Result<PathBuf, Fault> {
    let text = text(value, "a path")?;
    if text.starts_with('~') {
        return Err(Fault::because(value, format!("`{text}`: `~` is not expanded here, write the whole path")));
    }
    if text.contains('\0') {
        return Err(Fault::expected(value, "a path without a NUL byte"));
    }
    Ok(PathBuf::from(text))
}

/// A whole number of at least `least`.
pub(super) fn whole(value: &Value, least: u32) -> Result<u32, Fault> {
    let number = if let Data::Integer(number) = value.data { u32::try_from(number).ok() } else { None };
    number
        .filter(|number| *number >= least)
        .ok_or_else(|| Fault::expected(value, format!("a whole number from {least} to {}", u32::MAX)))
}

/// A finite number of a range.
pub(super) fn number(value: &Value, range: impl RangeBounds<f64>, allowed: &str) -> Result<f64, Fault> {
    let number = match value.data {
        // Exact: only numbers beyond 2^53 are rounded, and they are no sensible setting.
        Data::Integer(number) => Some(number as f64),
        Data::Float(number) => Some(number),
        _ => None,
    };
    number.filter(|number| number.is_finite() && range.contains(number)).ok_or_else(|| Fault::expected(value, allowed))
}

/// A duration, longer than nothing.
pub(super) fn duration(value: &Value) -> Result<TimeDelta, Fault> {
    let allowed = "a duration such as \"30s\", \"5m\", \"2h\", \"1d\" or \"1h30m\", longer than 0";
    let duration = parse_duration(text(value, allowed)?).map_err(|_| Fault::expected(value, allowed))?;
    if duration > TimeDelta::zero() { Ok(duration) } else { Err(Fault::expected(value, allowed)) }
}

/// A duration; 0 means no duration.
pub(super) fn duration_or_none(value: &Value) -> Result<TimeDelta, Fault> {
    let allowed = "a duration such as \"12h\" or \"30d\"; \"0\" is off";
    parse_duration(text(value, allowed)?).map_err(|_| Fault::expected(value, allowed))
}

/// A duration of at most a year; zero is off.
pub(super) fn duration_or_zero(value: &Value) -> Result<TimeDelta, Fault> {
    let allowed = "a duration such as \"30m\", \"24h\" or \"2d\" of at most 366 days, or \"0\" for off";
    let duration = parse_duration(text(value, allowed)?).ok();
    duration.filter(|duration| *duration <= TimeDelta::days(366)).ok_or_else(|| Fault::expected(value, allowed))
}

/// A number of minutes, such as `5` or `0.5`, up to a year.
pub(super) fn minutes(value: &Value) -> Result<TimeDelta, Fault> {
    const YEAR: f64 = 366.0 * 24.0 * 60.0;
    let minutes = number(value, 0.0..=YEAR, "minutes, a number from 0 to 527040")?;
    // At most a year in milliseconds, which fits.
    Ok(TimeDelta::milliseconds((minutes * 60_000.0).round() as i64))
}

/// A list whose elements are all read the same way; names the faults of all of them.
pub(super) fn list<T>(value: &Value, what: &str, read: impl Fn(&Value) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let Data::List(values) = &value.data else {
        return Err(Fault::expected(value, format!("a list of {what}")));
    };
    let (mut elements, mut faults) = (Vec::new(), Vec::new());
    for value in values {
        match read(value) {
            Ok(element) => elements.push(element),
            Err(Fault(more)) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(elements) } else { Err(Fault(faults)) }
}

/// A name of a weekday.
pub(super) fn weekday(value: &Value) -> Result<Weekday, Fault> {
    let Data::Text(found) = &value.data else { return Err(Fault::expected(value, allowed_weekdays(""))) };
    weekday_named(found).ok_or_else(|| Fault::expected(value, allowed_weekdays(found)))
}
