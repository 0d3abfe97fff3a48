//! Time zones as people and spreadsheets write them.
//!
//! It stands here and not beside the zones of the scheduler, since a word such as `Eastern` is read by the lead's
//! calling code.

use super::plan::CallingCode;
use super::{data, table};
use crate::scheduler::{Zone, zone_names};

/// Zones that were read from a cell or a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadZones {
    /// The zones, each once, in the order in which they were written.
    pub zones: Vec<Zone>,
    /// The words that were read as a place (`EST`, `Eastern Time`), as written, for people to be told.
    pub words: Vec<String>,
}

/// The message for a text that is no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneWordError {
    /// An offset: the place, and so the summer time, is not known.
    #[error("time zone `{}`: an offset is not a zone: name a place, such as America/New_York", .0.escape_debug())]
    Offset(String),
    /// An abbreviation that several places share.
    #[error("time zone `{}`: an abbreviation is not a place: write one such as Asia/Kolkata", .0.escape_debug())]
    Abbreviation(String),
    /// A word of North America for a number of another country.
    #[error(
        "time zone `{}` may be one of North America, and the number is of +{code}: write such as Europe/London",
        text.escape_debug()
    )]
    Foreign {
        text: String,
        /// The number's calling code.
        code: CallingCode,
    },
    /// No name that is known.
    #[error("unknown time zone `{}`: {}", text.escape_debug(), hint(suggestion.as_deref()))]
    Unknown {
        text: String,
        /// The one name that is spelt nearly so.
        suggestion: Option<String>,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "write an IANA name, such as America/New_York".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}

/// The words of North America: the first word of the long form, the abbreviations, the place, and the abbreviation that
/// is a zone of its own, without summer time.
const WORDS: [(&str, &[&str], &str, Option<&str>); 6] = [
    ("eastern", &["et", "est", "edt"], "America/New_York", Some("EST")),
    ("central", &["ct", "cst", "cdt"], "America/Chicago", None),
    ("mountain", &["mt", "mst", "mdt"], "America/Denver", Some("MST")),
    ("pacific", &["pt", "pst", "pdt"], "America/Los_Angeles", None),
    ("alaska", &["akt", "akst", "akdt"], "America/Anchorage", None),
    ("hawaii", &["ht", "hst"], "Pacific/Honolulu", Some("HST")),
];

/// Reads a cell: IANA names in any case, blanks for `_`; several at commas, semicolons or blanks; a name in parentheses
/// at the end; names of Windows; and the words of North America where `calling_code`, that of the lead's number, is 1 or
/// not known. `none` takes a value away: no zones.
///
/// # Errors
/// Offsets, other abbreviations, and names that are not known, with the way out.
pub fn read(written: &str, calling_code: Option<CallingCode>) -> Result<Option<ReadZones>, ZoneWordError> {
    let text = written.trim();
    if text.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let mut read = ReadZones { zones: Vec::new(), words: Vec::new() };
    for Found { zones, word } in read_all(text, calling_code)? {
        for zone in zones {
            if !read.zones.contains(&zone) {
                read.zones.push(zone);
            }
        }
        read.words.extend(word);
    }
    Ok(Some(read))
}

/// The names of a text: it as a whole, or its parts.
fn read_all(text: &str, code: Option<CallingCode>) -> Result<Vec<Found>, ZoneWordError> {
    if let Some(found) = one(text, code)? {
        return Ok(vec![found]);
    }
    let at_marks: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if text.contains([',', ';']) && !at_marks.is_empty() {
        let found = at_marks.into_iter().map(|part| read_all(part, code)).collect::<Result<Vec<_>, _>>()?;
        return Ok(found.into_iter().flatten().collect());
    }
    let words: Option<Vec<Found>> = text.split_whitespace().map(|word| one(word, code).ok().flatten()).collect();
    words.filter(|words| words.len() > 1).ok_or_else(|| refused(text))
}

/// What one name stands for.
struct Found {
    zones: Vec<Zone>,
    word: Option<String>,
}

/// Reads one name; `None` when it is not known.
fn one(text: &str, code: Option<CallingCode>) -> Result<Option<Found>, ZoneWordError> {
    let lower = without_offset(text).to_ascii_lowercase();
    let lower = lower.strip_suffix("(us & canada)").unwrap_or(&lower).trim_end();
    if let Some((place, fixed)) = word(lower) {
        if let Some(code) = code.filter(|code| code.digits() != "1") {
            return Err(ZoneWordError::Foreign { text: text.to_owned(), code });
        }
        let zones = [Some(place), fixed].into_iter().flatten().filter_map(iana).collect();
        return Ok(Some(Found { zones, word: Some(text.to_owned()) }));
    }
    let in_parentheses = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')).map(|(_, name)| name);
    let found = iana(text).or_else(|| windows(lower)).or_else(|| iana(in_parentheses?));
    Ok(found.map(|zone| Found { zones: vec![zone], word: None }))
}

/// The text behind a leading `(GMT-05:00)` or `(UTC+01:00)`, which only repeats what the name says.
fn without_offset(text: &str) -> &str {
    let behind = text.strip_prefix('(').and_then(|rest| rest.split_once(')')).filter(|(offset, _)| is_offset(offset));
    behind.map_or(text, |(_, name)| name).trim()
}

fn iana(name: &str) -> Option<Zone> {
    Zone::named(&name.trim().replace(' ', "_"))
}

/// The zone of a name of Windows, in lower case.
fn windows(name: &str) -> Option<Zone> {
    let row = table::rows(data::WINDOWS_ZONES).map(table::cells::<2>).find(|[row, _]| row.eq_ignore_ascii_case(name));
    row.and_then(|[_, zone]| Zone::named(zone))
}

/// The place of a word of North America, and the fixed zone of the same name.
fn word(text: &str) -> Option<(&'static str, Option<&'static str>)> {
    WORDS.into_iter().find_map(|(long, abbreviations, place, fixed)| {
        if abbreviations.contains(&text) {
            return Some((place, fixed.filter(|fixed| fixed.eq_ignore_ascii_case(text))));
        }
        let rest = text.strip_prefix(long)?;
        ["", " time", " standard time", " daylight time"].contains(&rest).then_some((place, None))
    })
}

fn refused(text: &str) -> ZoneWordError {
    let suggestion = nearest(text);
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_offset(text) {
        ZoneWordError::Offset(text.to_owned())
    } else if is_word && (2..=5).contains(&text.len()) && suggestion.is_none() {
        ZoneWordError::Abbreviation(text.to_owned())
    } else {
        ZoneWordError::Unknown { text: text.to_owned(), suggestion }
    }
}

/// `GMT-5`, `UTC+01:00`, `-05:00`, `+0530`, `GMT`-less or not.
fn is_offset(text: &str) -> bool {
    let text = text.trim().to_ascii_uppercase().replace('\u{2212}', "-");
    let number = ["GMT", "UTC", "UT"].into_iter().find_map(|name| text.strip_prefix(name)).unwrap_or(&text).trim();
    let Some(digits) = number.strip_prefix(['+', '-']) else { return false };
    let digits = digits.trim().replace(':', "");
    (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The one name that a text is a slip of the keys away from: of all names with a place, by the whole name or its city.
fn nearest(text: &str) -> Option<String> {
    /// Letters that may differ; the clock of a name further away may be another place's.
    const SLIPS: usize = 2;
    /// A shorter word with a slip is another word.
    const SHORTEST: usize = 5;
    /// A longer text is no name, and comparing it would take long.
    const LONGEST: usize = 64;
    if text.len() > LONGEST {
        return None;
    }
    let wanted = text.to_ascii_lowercase().replace(' ', "_");
    let slips = if wanted.len() < SHORTEST { 0 } else { SLIPS };
    let distance = |name: &str| {
        let name = name.to_ascii_lowercase();
        let city = name.rsplit('/').next().unwrap_or_default();
        strsim::damerau_levenshtein(&wanted, &name).min(strsim::damerau_levenshtein(&wanted, city))
    };
    let places = zone_names().filter(|name| name.contains('/') && !name.starts_with("Etc/"));
    let mut near: Vec<(usize, &str)> =
        places.map(|name| (distance(name), name)).filter(|(far, _)| *far <= slips).collect();
    near.sort_unstable();
    match near.as_slice() {
        [(_, name)] => Some((*name).to_owned()),
        [(first, name), (second, _), ..] if first < second => Some((*name).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, code: &str) -> String {
        match read(text, code.parse().ok()) {
            Ok(Some(read)) => read.zones.iter().map(Zone::name).collect::<Vec<_>>().join(" "),
            Ok(None) => "none".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn names_of_places_are_read_alone_and_together() {
        for (text, zones) in [
            ("America/New_York", "America/New_York"),
            ("america/new york", "America/New_York"),
            (" America/Los Angeles ", "America/Los_Angeles"),
            ("America/New_York,America/Chicago; Europe/London", "America/New_York America/Chicago Europe/London"),
            ("America/New York, America/Chicago", "America/New_York America/Chicago"),
            ("America/New_York America/Chicago America/New_York", "America/New_York America/Chicago"),
            ("(GMT-05:00) Eastern Time (America/New_York)", "America/New_York"),
            ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("india standard time", "Asia/Kolkata"),
            ("Central Standard Time (Mexico)", "America/Mexico_City"),
            ("America/New_York,", "America/New_York"),
            ("UTC", "UTC"),
            ("None", "none"),
        ] {
            assert_eq!(told(text, "1"), zones, "{text}");
        }
    }

    #[test]
    fn words_of_north_america_are_places_there() {
        for (text, zones) in [
            ("Eastern", "America/New_York"),
            ("ET", "America/New_York"),
            ("EDT", "America/New_York"),
            ("EST", "America/New_York EST"),
            ("MST", "America/Denver MST"),
            // The fixed zone has the clock of the place, so it says nothing more.
            ("HST", "Pacific/Honolulu"),
            ("cst", "America/Chicago"),
            ("Pacific Time", "America/Los_Angeles"),
            ("Central Standard Time", "America/Chicago"),
            ("Alaska Daylight Time", "America/Anchorage"),
        ] {
            assert_eq!(told(text, "1"), zones, "{text}");
            assert_eq!(told(text, ""), zones, "{text}");
            assert!(told(text, "61").contains("the number is of +61: write such as"), "{text}");
        }
        let read = read("EST, Europe/London", None).unwrap().unwrap();
        assert_eq!(read.words, ["EST"]);
    }

    #[test]
    fn offsets_and_other_abbreviations_are_refused() {
        for text in
            ["GMT-5", "GMT-05:00", "UTC-05:00", "GMT+1", "UTC+0530", "-05:00", "-5", "+1", "\u{2212}5", "utc +1"]
        {
            let message =
                format!("time zone `{text}`: an offset is not a zone: name a place, such as America/New_York");
            assert_eq!(told(text, "1"), message);
        }
        for text in ["IST", "AEST", "BST", "AST"] {
            let message = format!("time zone `{text}`: an abbreviation is not a place: write one such as Asia/Kolkata");
            assert_eq!(told(text, "1"), message);
        }
    }

    #[test]
    fn a_hint_is_given_for_one_near_name_only() {
        for (text, near) in [
            ("America/New_Yrok", Some("America/New_York")),
            ("New York", Some("America/New_York")),
            ("Arizona", Some("US/Arizona")),
            ("Rome", Some("Europe/Rome")),
            ("Mountain Standard Time (Arizona)", None),
            ("PST (Los Angeles)", None),
            ("N/A", None),
            ("Etc/GMT+50", None),
            ("", None),
            (",", None),
        ] {
            assert_eq!(told(text, "1"), format!("unknown time zone `{text}`: {}", hint(near)));
        }
    }

    #[test]
    fn every_name_of_windows_has_a_known_zone() {
        let rows: Vec<[&str; 2]> = table::rows(data::WINDOWS_ZONES).map(table::cells).collect();
        assert!(rows.len() > 130);
        for [name, zone] in rows {
            assert_eq!(zone.parse::<Zone>().unwrap().name(), zone, "{name}");
            let expected = if name == "Eastern Standard Time" { "America/New_York" } else { zone };
            assert_eq!(told(name, "1"), expected, "{name}");
        }
    }
}
