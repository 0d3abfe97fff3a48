//! Where a phone number points to, for people.

use std::io::{self, Write};

use super::escape::visible;
use super::render::View;
use super::time::RenderContext;
use crate::contract::NumberView;
use crate::model::{Evidence, LeadPlace, RegionCode, ZoneName};

impl View for NumberView<'_> {
    fn table(&self, _look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self.prefix.filter(|_| !self.zones.is_empty()) {
            Some(prefix) => {
                let (regions, zones) = (self.regions.join(", "), self.zones.join(" and "));
                writeln!(out, "{}: {regions}, by {zones} ({})", self.e164, number_source(prefix))
            }
            None => writeln!(out, "{}: points to no place", self.e164),
        }
    }

    fn header() -> Vec<&'static str> {
        vec!["written", "e164", "prefix", "zones", "regions"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let prefix = self.prefix.unwrap_or_default().to_owned();
        let written = visible(self.written).into_owned();
        vec![vec![written, self.e164.to_owned(), prefix, self.zones.join(" "), self.regions.join(" ")]]
    }
}

/// What of a number tells its place: `area code 850`, or `+4420`.
pub fn number_source(prefix: &str) -> String {
    match prefix.strip_prefix('1').filter(|area| !area.is_empty()) {
        Some(area) => format!("area code {area}"),
        None => format!("+{prefix}"),
    }
}

/// What was found of a place: `zone America/Chicago, America/New_York from area code 850`. Nothing is to be said of zones
/// that were given, and of a lead without any place.
pub fn place_note(place: &LeadPlace, prefix: Option<&str>, region: Option<&RegionCode>) -> Option<String> {
    let number = prefix.map(number_source);
    let region = region.map(|region| format!("region {region}"));
    let source = match place.evidence {
        Evidence::Given | Evidence::None => return None,
        Evidence::Number => number?,
        Evidence::Region => region?,
        Evidence::NumberAndRegion => format!("{} and {}", number?, region?),
    };
    let zones: Vec<&str> = place.zones.iter().map(ZoneName::as_str).collect();
    Some(format!("zone {} from {source}", zones.join(", ")))
}

/// How words such as `EST` were read: `EST means America/New_York and EST`.
pub fn word_note(words: &[String], place: &LeadPlace) -> Option<String> {
    let zones: Vec<&str> = place.zones.iter().map(ZoneName::as_str).collect();
    let words: Vec<String> = words.iter().map(|word| visible(word).into_owned()).collect();
    (!words.is_empty()).then(|| format!("{} means {}", words.join(", "), zones.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_which_zones_and_from_what() {
        let zones = vec!["America/Chicago".parse().unwrap(), "America/New_York".parse().unwrap()];
        let place = |evidence| LeadPlace { evidence, ..LeadPlace::of_zones(zones.clone()) };
        let region: RegionCode = "US-FL".parse().unwrap();
        let zones = "zone America/Chicago, America/New_York from";
        for (evidence, prefix, source) in [
            (Evidence::Given, "1850", None),
            (Evidence::None, "1800", None),
            (Evidence::Number, "1850", Some("area code 850")),
            (Evidence::Number, "4420", Some("+4420")),
            (Evidence::Region, "1800", Some("region US-FL")),
            (Evidence::NumberAndRegion, "1212", Some("area code 212 and region US-FL")),
        ] {
            let note = source.map(|source| format!("{zones} {source}"));
            assert_eq!(place_note(&place(evidence), Some(prefix), Some(&region)), note);
        }
    }
}
