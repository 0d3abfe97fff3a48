//! Regions: countries, and the states and provinces of the US and Canada, with their zones.

use std::fmt;
use std::str::FromStr;

use super::{data, table};

/// A region of ISO 3166: a country, or in the US and Canada a state or province.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(&'static str);

/// The message for a text that is no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown region `{}`: write a code of ISO 3166, such as US-FL or DE{}",
    text.escape_debug(),
    meant(text)
)]
pub struct UnknownRegion {
    /// The text as given.
    pub text: String,
}

/// Codes that people take for ISO ones.
fn meant(text: &str) -> String {
    let code = text.trim().to_ascii_uppercase().replace('_', "-");
    let near = if code == "UK" { "GB".to_owned() } else { code };
    let candidates = [near.clone(), format!("US-{near}"), format!("CA-{near}")];
    match candidates.iter().find_map(|code| code.parse::<Region>().ok()) {
        Some(region) if region.as_str() != text => format!("; did you mean `{region}`?"),
        _ => String::new(),
    }
}

/// Countries that are regions but have no row: their name tells no clock.
const WITHOUT_CLOCK: [&str; 2] = ["US", "CA"];

impl Region {
    /// The codes in a cell of the tables.
    pub(super) fn list(cell: &'static str) -> impl Iterator<Item = Region> {
        cell.split_ascii_whitespace().map(Region)
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The code of its country: `US` of `US-FL`, `DE` of `DE`.
    pub fn country(self) -> &'static str {
        self.0.split('-').next().unwrap_or(self.0)
    }

    /// The names of its zones; none for the US and Canada as a whole.
    pub fn zones(self) -> impl Iterator<Item = &'static str> {
        let row = table::row(data::REGIONS, self.0);
        row.map_or("", |row| table::cells::<2>(row)[1]).split_ascii_whitespace()
    }

    /// Whether a code, of this region or of a country, covers this region: a country's rules hold in its regions.
    pub fn is_in(self, jurisdiction: &str) -> bool {
        self.0 == jurisdiction || self.country() == jurisdiction
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |code: &str| {
            let row = table::row(data::REGIONS, code).map(|row| table::cells::<2>(row)[0]);
            row.or_else(|| WITHOUT_CLOCK.into_iter().find(|other| *other == code)).map(Region)
        };
        let found = known(text).or_else(|| known(&text.to_ascii_uppercase()));
        found.ok_or_else(|| UnknownRegion { text: text.to_owned() })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::Zone;

    #[test]
    fn every_row_is_a_region_of_known_zones() {
        for row in table::rows(data::REGIONS) {
            let [code, _] = table::cells(row);
            let region: Region = code.parse().unwrap();
            assert_eq!(region.as_str(), code);
            assert!(
                matches!(code.as_bytes(), [a, b] | [a, b, b'-', _, _] if a.is_ascii_uppercase() && b.is_ascii_uppercase())
            );
            assert!(region.zones().next().is_some(), "{code}");
            for name in region.zones() {
                assert_eq!(name.parse::<Zone>().unwrap().name(), name);
            }
        }
    }

    #[test]
    fn a_region_is_read_without_regard_to_case() {
        for (text, code) in [("us-fl", "US-FL"), ("Us-Fl", "US-FL"), ("de", "DE"), ("us", "US"), ("ca-on", "CA-ON")] {
            assert_eq!(text.parse::<Region>().unwrap().as_str(), code);
        }
    }

    #[test]
    fn the_country_of_a_region_covers_it() {
        let region: Region = "US-FL".parse().unwrap();
        assert!(region.is_in("US-FL") && region.is_in("US"));
        assert!(!region.is_in("US-GA") && !region.is_in("U") && !region.is_in("*"));
        let country: Region = "US".parse().unwrap();
        assert!(country.is_in("US") && !country.is_in("US-FL"));
        assert_eq!(country.zones().count(), 0);
    }

    #[test]
    fn an_unknown_region_names_the_way_out() {
        for (text, hint) in [
            ("UK", "; did you mean `GB`?"),
            ("fl", "; did you mean `US-FL`?"),
            ("ON", "; did you mean `CA-ON`?"),
            ("us_fl", "; did you mean `US-FL`?"),
            ("ZZ", ""),
            ("", ""),
            ("FLA", ""),
        ] {
            let message = format!("unknown region `{text}`: write a code of ISO 3166, such as US-FL or DE{hint}");
            assert_eq!(text.parse::<Region>().unwrap_err().to_string(), message);
        }
    }
}
