//! Rows of rules as texts that receipts keep, each by its SHA-256, and read again.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use ring::digest::{SHA256, digest};

use super::closed_days::ClosedDays;
use super::data;
use super::rule::Rule;
use super::rule_text::RuleText;
use crate::model::{KeptText, ShippedRules};

/// A text with its SHA-256.
pub fn kept_text(text: impl Into<Arc<str>>) -> KeptText {
    let text: Arc<str> = text.into();
    let hash = digest(&SHA256, text.as_bytes()).as_ref().iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    KeptText { hash, text }
}

/// The table of the shipped rules, unless they are off, with the rows of a user's own behind it.
pub(super) fn rules(shipped: ShippedRules, own: &[Arc<Rule>]) -> Arc<KeptText> {
    /// Most configurations have no rows of their own: the table is hashed once for all of them.
    static SHIPPED: OnceLock<Arc<KeptText>> = OnceLock::new();
    let table = match shipped {
        ShippedRules::Builtin if own.is_empty() => {
            return SHIPPED.get_or_init(|| Arc::new(kept_text(data::RULES))).clone();
        }
        ShippedRules::Builtin => data::RULES,
        ShippedRules::Off => "",
    };
    let rows: String = own.iter().map(|rule| row_of(rule)).collect();
    Arc::new(kept_text(format!("{table}{rows}")))
}

/// A cell stays in its row: what would end it becomes a blank.
fn cell(text: &str) -> Cow<'_, str> {
    if text.is_empty() { "-".into() } else { text.replace(char::is_control, " ").into() }
}

fn row_of(rule: &Rule) -> String {
    let text = &rule.text;
    // The file of a calendar may change: its days are kept.
    let holidays = match &rule.closed_days {
        ClosedDays::Dates(days) if ClosedDays::read(&text.holidays).is_err() => {
            Cow::Owned(days.dates().map(|date| date.to_string()).collect::<Vec<_>>().join(" "))
        }
        _ => text.holidays.clone(),
    };
    let cells = [
        &text.id,
        &text.jurisdiction,
        &text.applies_to,
        &text.window,
        &holidays,
        &text.caps,
        &text.requires,
        &text.citation,
        &text.source_read,
        &text.as_of,
        &text.effective_from,
        &text.effective_to,
        &text.confidence,
        &text.default,
        &text.note,
    ];
    cells.map(|text| cell(text)).join("\t") + "\n"
}

/// The rows of a kept text.
pub(super) fn rows_of(text: &str) -> impl Iterator<Item = RuleText> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let mut cells = line.split('\t').map(|cell| if cell == "-" { "" } else { cell });
        let mut next = || Cow::Owned(cells.next().unwrap_or_default().to_owned());
        RuleText {
            id: next(),
            jurisdiction: next(),
            applies_to: next(),
            window: next(),
            holidays: next(),
            caps: next(),
            requires: next(),
            citation: next(),
            source_read: next(),
            as_of: next(),
            effective_from: next(),
            effective_to: next(),
            confidence: next(),
            default: next(),
            note: next(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_ones_own_is_kept_with_the_days_of_its_file() {
        let text = RuleText {
            id: "acme".into(),
            jurisdiction: "*".into(),
            applies_to: "any".into(),
            holidays: "days.ics".into(),
            citation: "counsel\tand me".into(),
            as_of: "2026-11-20".into(),
            ..RuleText::default()
        };
        let mut days = crate::scheduler::Holidays::default();
        days.add_date("2026-11-27".parse().unwrap());
        let rule = Arc::new(Rule::read(text, Some(days)).unwrap());
        let kept = rules(ShippedRules::Off, &[rule]);
        let rows: Vec<RuleText> = rows_of(&kept.text).collect();
        assert_eq!((rows.len(), &*rows[0].holidays, &*rows[0].citation), (1, "2026-11-27", "counsel and me"));
        let shipped = rules(ShippedRules::Builtin, &[]);
        assert_eq!((shipped.hash.len(), &*shipped.text), (64, data::RULES));
    }
}
