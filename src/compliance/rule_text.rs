//! The rows of rules as text: those that come with the program, and those of a user.

use std::borrow::Cow;

use super::region::Region;
use super::{data, table};

/// A row of rules, cell by cell; an empty text stands for a cell without a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RuleText {
    pub id: Cow<'static, str>,
    /// A code of ISO 3166, or `*` for everywhere.
    pub jurisdiction: Cow<'static, str>,
    /// Calls, such as `ai+sales`.
    pub applies_to: Cow<'static, str>,
    /// Hours, such as `*=08:00-20:00 Sun=-`.
    pub window: Cow<'static, str>,
    /// A calendar, or dates.
    pub holidays: Cow<'static, str>,
    /// Caps, such as `3/24h:network:number`.
    pub caps: Cow<'static, str>,
    /// Requirements, such as `consent:written`.
    pub requires: Cow<'static, str>,
    pub citation: Cow<'static, str>,
    /// Where its text was read.
    pub source_read: Cow<'static, str>,
    /// The day on which it was read.
    pub as_of: Cow<'static, str>,
    /// The first day in force.
    pub effective_from: Cow<'static, str>,
    /// The first day after.
    pub effective_to: Cow<'static, str>,
    /// How sure the row is.
    pub confidence: Cow<'static, str>,
    /// `off` for a row that is shown and never asked.
    pub default: Cow<'static, str>,
    /// What else a reader should know.
    pub note: Cow<'static, str>,
}

impl RuleText {
    /// The rows that come with the program, in the order of their table.
    pub fn shipped() -> impl Iterator<Item = RuleText> {
        table::rows(data::RULES).map(|row| {
            let [
                id,
                jurisdiction,
                applies_to,
                window,
                holidays,
                caps,
                requires,
                citation,
                source_read,
                as_of,
                effective_from,
                effective_to,
                confidence,
                default,
                note,
            ] = table::cells(row).map(Cow::Borrowed);
            RuleText {
                id,
                jurisdiction,
                applies_to,
                window,
                holidays,
                caps,
                requires,
                citation,
                source_read,
                as_of,
                effective_from,
                effective_to,
                confidence,
                default,
                note,
            }
        })
    }

    /// Whether the jurisdiction covers one of these regions; `*` covers every place, also an unknown one.
    pub fn holds_in(&self, regions: &[Region]) -> bool {
        self.jurisdiction == "*" || regions.iter().any(|region| region.is_in(&self.jurisdiction))
    }

    /// Whether the tables know the jurisdiction; a rule of an unknown one never holds.
    pub fn is_known_place(&self) -> bool {
        self.jurisdiction == "*" || self.jurisdiction.parse::<Region>().is_ok()
    }
}

/// The day of the shipped rows, from the first line of their table: `… Of 2026-11-28.`
pub fn shipped_rules_date() -> &'static str {
    let first = data::RULES.lines().next().unwrap_or_default();
    first.rsplit("Of ").next().unwrap_or_default().trim_end_matches('.')
}
