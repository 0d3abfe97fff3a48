//! Durations as people write them: `30s`, `5m`, `2h`, `1d`, `1h30m`.

use chrono::TimeDelta;

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration: expected a number and a unit, such as 30s, 5m, 2h, 1d or 1h30m")]
pub struct DurationError(String);

/// The longest duration that is accepted: a hundred years, in seconds.
const LONGEST_SECONDS: i64 = 100 * 366 * 86_400;

/// Parses a duration of whole units `d`, `h`, `m`, `s`, `ms`, each at most once and from large to small; a bare `0` is zero.
///
/// # Errors
/// Names the text when it is not a duration.
pub fn parse_duration(text: &str) -> Result<TimeDelta, DurationError> {
    let error = || DurationError(text.to_owned());
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(TimeDelta::zero());
    }
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut next_unit = 0;
    let mut millis: i64 = 0;
    if rest.is_empty() {
        return Err(error());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, after) = tail.split_at(letters);
        let position = units.iter().position(|(unit, _)| *unit == name).ok_or_else(error)?;
        if position < next_unit {
            return Err(error());
        }
        next_unit = position + 1;
        let number: i64 = number.parse().map_err(|_| error())?;
        millis = number
            .checked_mul(units[position].1)
            .and_then(|part| millis.checked_add(part))
            .filter(|sum| *sum <= LONGEST_SECONDS * 1_000)
            .ok_or_else(error)?;
        rest = after;
    }
    Ok(TimeDelta::milliseconds(millis))
}

/// Writes a duration so that [`parse_duration`] reads it back: `1h30m`, `0s`.
pub fn format_duration(duration: TimeDelta) -> String {
    let mut millis = duration.num_milliseconds().max(0);
    let mut text = String::new();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if millis >= size {
            text.push_str(&format!("{}{unit}", millis / size));
            millis %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write_and_writes_it_back() {
        for (text, seconds) in [("30s", 30), ("5m", 300), ("2h", 7_200), ("1d", 86_400), ("1h30m", 5_400), ("0", 0)] {
            let duration = parse_duration(text).unwrap();
            assert_eq!(duration.num_seconds(), seconds, "{text}");
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
        assert_eq!(parse_duration("1500ms").unwrap().num_milliseconds(), 1_500);
    }

    #[test]
    fn refuses_what_is_none() {
        for text in ["", "5", "m", "-5m", "5x", "1.5h", "30m1h", "1h1h", "99999999999d", "5m ago", "1d2", "é"] {
            assert_eq!(parse_duration(text), Err(DurationError(text.into())), "{text}");
        }
    }
}
