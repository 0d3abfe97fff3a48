//! The place of a lead: the zones on whose clocks it is called, and the regions whose rules hold.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::region::Region;
use super::{data, table};
use crate::model::{Evidence, LeadPlace, PhoneNumber};

/// Where a lead may be. Everything that is known counts: a call must be allowed in all zones and all regions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The longest beginning of the number that the table knows, in digits; `None` when it knows none.
    pub prefix: Option<&'static str>,
    /// Names of zones, by code point, each once; none when nothing tells a clock.
    pub zones: Vec<Cow<'static, str>>,
    /// The regions of number and lead, by code, each once.
    pub regions: Vec<Region>,
    /// Where the zones come from.
    pub evidence: Evidence,
}

/// What the table says of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberPlace {
    /// The digits that decided.
    pub prefix: &'static str,
    /// What kind of prefix it is.
    pub level: Level,
    zones: &'static str,
    regions: &'static str,
}

/// What a prefix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Country,
    Area,
    /// No place: toll-free, satellite, personal numbers.
    Nowhere,
}

/// Rows of the table of numbers by the first three digits: those that begin with all three, and the one that begins with
/// fewer. An import asks for each of its numbers: a search in the whole table takes 5 % of its time.
static BY_THREE_DIGITS: LazyLock<Vec<(&'static str, Option<&'static str>)>> = LazyLock::new(|| {
    let mut index = vec![("", None); 1000];
    let (mut end, mut first, mut start) = (0, None, 0);
    for line in data::NUMBERS.split_inclusive('\n') {
        end += line.len();
        let digits = line.split('\t').next().unwrap_or_default();
        let Ok(number) = digits.get(..3).unwrap_or(digits).parse::<usize>() else { continue };
        if digits.len() < 3 {
            let numbers = if digits.len() == 1 { 100 } else { 10 };
            let entries = index.iter_mut().skip(number * numbers).take(numbers);
            entries.for_each(|(_, shorter)| *shorter = Some(line.trim_end()));
            continue;
        }
        if first != Some(number) {
            (first, start) = (Some(number), end - line.len());
        }
        if let (Some((rows, _)), Some(found)) = (index.get_mut(number), data::NUMBERS.get(start..end)) {
            *rows = found;
        }
    }
    index
});

/// The row of the longest beginning of a number.
fn row_of(digits: &str) -> Option<&'static str> {
    let (rows, shorter) = *BY_THREE_DIGITS.get(digits.get(..3)?.parse::<usize>().ok()?)?;
    table::longest_prefix(rows, digits).or(shorter)
}

impl NumberPlace {
    /// What the number tells; `None` when the table has no beginning of it. A ported or moved number keeps its code, so
    /// this is evidence and no proof.
    pub fn of(number: &PhoneNumber) -> Option<NumberPlace> {
        let row = row_of(number.as_str().trim_start_matches('+'))?;
        let [prefix, level, zones, regions] = table::cells(row);
        let level = match level {
            "country" => Level::Country,
            "area" => Level::Area,
            _ => Level::Nowhere,
        };
        Some(NumberPlace { prefix, level, zones, regions })
    }

    /// The names of its zones, with those of the code that it overlays.
    pub fn zones(&self) -> impl Iterator<Item = &'static str> {
        self.zones.split_ascii_whitespace()
    }

    pub fn regions(&self) -> impl Iterator<Item = Region> {
        Region::list(self.regions)
    }
}

/// Which table of numbers came with the program: places are derived again when it changes.
pub fn numbers_version() -> &'static str {
    let line = data::NUMBERS.lines().next().unwrap_or_default();
    let from = line.split_once(". ").map_or(line, |(_, from)| from);
    from.split_once(". ").map_or(from, |(version, _)| version)
}

impl Place {
    /// The place as the queue keeps it.
    pub fn to_lead_place(&self) -> LeadPlace {
        let names = |texts: &mut dyn Iterator<Item = &str>| texts.filter_map(|text| text.parse().ok()).collect();
        LeadPlace {
            zones: names(&mut self.zones.iter().map(AsRef::as_ref)),
            regions: self.regions.iter().filter_map(|region| region.as_str().parse().ok()).collect(),
            evidence: self.evidence,
        }
    }

    /// The place of a lead by what is known of it (the table of law.md, section 2):
    /// given zones replace all others, on clocks only, never for rules; a region that is the number's own, or its
    /// country, adds nothing; another one adds its zones to the number's.
    pub fn of(number: Option<&PhoneNumber>, region: Option<Region>, given: &[impl AsRef<str>]) -> Place {
        let number = number.and_then(NumberPlace::of);
        let by_number: Vec<&str> = number.iter().flat_map(NumberPlace::zones).collect();
        let agrees = |region: Region| {
            let mut own = number.iter().flat_map(NumberPlace::regions);
            own.any(|own| own.is_in(region.as_str()))
        };
        let by_region: Vec<&str> =
            region.filter(|region| !agrees(*region)).into_iter().flat_map(Region::zones).collect();
        let (evidence, mut zones): (Evidence, Vec<Cow<'static, str>>) = if !given.is_empty() {
            (Evidence::Given, given.iter().map(|name| Cow::Owned(name.as_ref().to_owned())).collect())
        } else {
            let evidence = match (by_number.is_empty(), by_region.is_empty()) {
                (true, true) => Evidence::None,
                (false, true) => Evidence::Number,
                (true, false) => Evidence::Region,
                (false, false) => Evidence::NumberAndRegion,
            };
            (evidence, by_number.into_iter().chain(by_region).map(Cow::Borrowed).collect())
        };
        zones.sort_unstable();
        zones.dedup();
        let mut regions: Vec<Region> = number.iter().flat_map(NumberPlace::regions).chain(region).collect();
        regions.sort_unstable();
        regions.dedup();
        Place { prefix: number.map(|number| number.prefix), zones, regions, evidence }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::Zone;

    fn place(number: &str, region: &str, given: &[&str]) -> Place {
        let number = (!number.is_empty()).then(|| number.parse().unwrap());
        Place::of(number.as_ref(), region.parse().ok(), given)
    }

    fn told(place: &Place) -> String {
        let regions: Vec<&str> = place.regions.iter().map(|region| region.as_str()).collect();
        format!("{}: {} by {}", regions.join(" "), place.zones.join(" "), place.evidence)
    }

    #[test]
    fn the_table_of_the_law_is_kept() {
        for (number, region, given, expected) in [
            ("+18505550100", "", &["Asia/Tokyo"][..], "US-FL: Asia/Tokyo by given"),
            ("+18505550100", "US-GA", &["Asia/Tokyo", "Asia/Tokyo"], "US-FL US-GA: Asia/Tokyo by given"),
            ("+18505550100", "", &[], "US-FL: America/Chicago America/New_York by number"),
            ("+18505550100", "US-FL", &[], "US-FL: America/Chicago America/New_York by number"),
            ("+18505550100", "US", &[], "US US-FL: America/Chicago America/New_York by number"),
            ("+12125550101", "US-CA", &[], "US-CA US-NY: America/Los_Angeles America/New_York by number+region"),
            ("+12125550101", "US-NJ", &[], "US-NJ US-NY: America/New_York by number+region"),
            ("+12125550101", "CA", &[], "CA US-NY: America/New_York by number"),
            ("+18005550101", "US-CA", &[], "US-CA: America/Los_Angeles by region"),
            ("+18005550101", "", &[], ":  by none"),
            ("+18005550101", "US", &[], "US:  by none"),
            ("", "GB", &[], "GB: Europe/London by region"),
            ("", "", &[], ":  by none"),
        ] {
            assert_eq!(told(&place(number, region, given)), expected, "{number} {region} {given:?}");
        }
        assert_eq!(place("+18005550101", "", &[]).prefix, Some("1800"));
        assert_eq!(place("", "US", &[]).prefix, None);
    }

    #[test]
    fn the_table_of_numbers_says_its_version() {
        let version = numbers_version();
        assert!(
            version.starts_with("libphonenumber ") && version.contains("tzdb 20") && !version.ends_with('.'),
            "{version}"
        );
    }

    #[test]
    fn the_index_finds_what_a_search_in_the_whole_table_does() {
        for row in table::rows(data::NUMBERS) {
            let prefix = table::cells::<4>(row)[0];
            for digits in [format!("{prefix}0000000"), format!("{prefix}5"), format!("{prefix}9999999")] {
                if digits.len() >= 3 {
                    assert_eq!(row_of(&digits), table::longest_prefix(data::NUMBERS, &digits), "{digits}");
                }
            }
        }
        for digits in (100..1000).map(|first| format!("{first}5550101")) {
            assert_eq!(row_of(&digits), table::longest_prefix(data::NUMBERS, &digits), "{digits}");
        }
    }

    #[test]
    fn every_number_row_has_known_zones_and_regions() {
        for row in table::rows(data::NUMBERS) {
            let [prefix, level, zones, regions] = table::cells(row);
            assert!(prefix.bytes().all(|digit| digit.is_ascii_digit()) && !prefix.starts_with('0'), "{row}");
            assert!(["country", "area", "none"].contains(&level), "{row}");
            assert_eq!(level == "none", zones.is_empty() && regions.is_empty(), "{row}");
            zones.split_ascii_whitespace().for_each(|name| assert_eq!(name.parse::<Zone>().unwrap().name(), name));
            Region::list(regions).for_each(|region| assert_eq!(region.as_str().parse(), Ok(region), "{row}"));
        }
    }
}
