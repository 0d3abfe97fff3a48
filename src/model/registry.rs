//! Registries: lists of numbers that others keep, such as a national do-not-call list. callq has copies of them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};

use super::PhoneNumber;

/// Which numbers a copy speaks of: what it does not cover, it does not free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    All,
    /// Those whose digits begin with one of these.
    Prefixes(Vec<String>),
}

/// The message for a text that names no coverage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` covers nothing: write area codes of +1 such as 212, prefixes such as +44, or all", .0.escape_debug())]
pub struct InvalidCoverage(String);

impl Coverage {
    /// Whether the copy speaks of a number.
    pub fn has(&self, number: &PhoneNumber) -> bool {
        let digits = number.as_str().trim_start_matches('+');
        match self {
            Coverage::All => true,
            Coverage::Prefixes(prefixes) => prefixes.iter().any(|prefix| digits.starts_with(prefix)),
        }
    }

    /// Whether it speaks of area codes of +1: then ten digits are a number of +1.
    pub fn has_area_codes(&self) -> bool {
        matches!(self, Coverage::Prefixes(prefixes) if prefixes.iter().any(|prefix| prefix.starts_with('1')))
    }

    /// How it is written: area codes of +1 as three digits.
    pub fn words(&self) -> Vec<String> {
        let word = |prefix: &String| match prefix.strip_prefix('1') {
            Some(area) if area.len() == 3 => area.to_owned(),
            _ => format!("+{prefix}"),
        };
        match self {
            Coverage::All => vec!["all".to_owned()],
            Coverage::Prefixes(prefixes) => prefixes.iter().map(word).collect(),
        }
    }

    /// The digits of its prefixes, or `all`: the form in which it is kept.
    pub fn to_stored(&self) -> String {
        match self {
            Coverage::All => "all".to_owned(),
            Coverage::Prefixes(prefixes) => prefixes.join(" "),
        }
    }

    /// Reads [`Coverage::to_stored`].
    pub fn from_stored(text: &str) -> Coverage {
        match text {
            "all" => Coverage::All,
            _ => Coverage::Prefixes(text.split_whitespace().map(str::to_owned).collect()),
        }
    }
}

/// For people: `3 area codes`, `+44`, `all numbers`.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words();
        let areas = words.iter().filter(|word| word.len() == 3 && !word.starts_with('+')).count();
        match (self, words.as_slice()) {
            (Coverage::All, _) => f.pad("all numbers"),
            (_, [one]) if areas == 1 => write!(f, "area code {one}"),
            (_, all) if areas == all.len() => write!(f, "{areas} area codes"),
            (_, all) if all.len() <= 4 => f.pad(&all.join(", ")),
            (_, all) => write!(f, "{} prefixes", all.len()),
        }
    }
}

impl FromStr for Coverage {
    type Err = InvalidCoverage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "all" {
            return Ok(Coverage::All);
        }
        let prefix = |word: &str| {
            let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
            match word.strip_prefix('+') {
                Some(digits) if (1..=14).contains(&digits.len()) && is_number(digits) => Some(digits.to_owned()),
                None if word.len() == 3 && is_number(word) && !word.starts_with('1') => Some(format!("1{word}")),
                _ => None,
            }
        };
        let prefixes = text.split(',').map(|word| prefix(word.trim())).collect::<Option<Vec<_>>>();
        let mut prefixes = prefixes.ok_or_else(|| InvalidCoverage(text.to_owned()))?;
        prefixes.sort_unstable();
        prefixes.dedup();
        Ok(Coverage::Prefixes(prefixes))
    }
}

/// The copy of a registry that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryCopy {
    /// The registry.
    pub name: String,
    /// Which copy it is; never used twice.
    pub generation: i64,
    /// The day on which the registry was as the copy says.
    pub as_of: NaiveDate,
    pub covers: Coverage,
    /// The days for which it may be used, where the import said so.
    pub max_age_days: Option<u32>,
    pub numbers: u64,
    pub imported_at: DateTime<Utc>,
    pub by: String,
}

impl RegistryCopy {
    /// The last day on which it may be used, when a copy may be at most `max_age_days` old.
    pub fn fresh_until(&self, max_age_days: u32) -> NaiveDate {
        let days = self.max_age_days.map_or(max_age_days, |own| own.min(max_age_days));
        self.as_of.checked_add_days(chrono::Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
    }
}

/// What a registry says of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryFacts {
    /// The registry.
    pub name: String,
    /// The copy in use, if there is one.
    pub copy: Option<RegistryCopy>,
    /// Whether the copy lists the number.
    pub is_listed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coverage_is_area_codes_of_1_prefixes_or_all() {
        for (text, words, shown) in [
            ("212,305, 850", "212 305 850", "3 area codes"),
            ("646", "646", "area code 646"),
            ("+44", "+44", "+44"),
            ("212,+44", "212 +44", "212, +44"),
            ("+1212", "212", "area code 212"),
            ("all", "all", "all numbers"),
        ] {
            let coverage: Coverage = text.parse().unwrap();
            assert_eq!((coverage.words().join(" "), coverage.to_string()), (words.to_owned(), shown.to_owned()));
            assert_eq!(Coverage::from_stored(&coverage.to_stored()), coverage);
        }
        for text in ["", "21", "112", "2120", "+", "+0", "212,", "All", "212;646"] {
            assert!(text.parse::<Coverage>().is_err(), "{text}");
        }
        let number: PhoneNumber = "+12125550117".parse().unwrap();
        for (text, has) in [("212", true), ("646", false), ("+1", true), ("+44", false), ("all", true)] {
            assert_eq!(text.parse::<Coverage>().unwrap().has(&number), has, "{text}");
        }
    }
}
