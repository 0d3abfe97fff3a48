//! The tables that come with the program, as text.

/// Where a number points to: prefix, level, zones, regions.
pub(super) const NUMBERS: &str = include_str!("data/numbers.tsv");

/// The zones of a region: region, zones.
pub(super) const REGIONS: &str = include_str!("data/regions.tsv");

/// How numbers are written: code, regions, trunk, zero, lengths, bare, pattern.
pub(super) const PLANS: &str = include_str!("data/plans.tsv");

/// The rules of law; the comments inside explain the columns.
pub(super) const RULES: &str = include_str!("data/rules.tsv");

/// The calendars of legal holidays; the comments inside explain the days.
pub(super) const HOLIDAYS: &str = include_str!("data/holidays.tsv");

/// The names of zones on Windows: name, zone.
pub(super) const WINDOWS_ZONES: &str = include_str!("data/windows_zones.tsv");

/// The tables that are searched in place, with the number of their columns.
#[cfg(test)]
pub(super) const SORTED: [(&str, &str, usize); 4] =
    [("numbers", NUMBERS, 4), ("regions", REGIONS, 2), ("plans", PLANS, 7), ("windows_zones", WINDOWS_ZONES, 2)];
