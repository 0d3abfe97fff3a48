//! Rules of law as results.

use crate::compliance::{Rule, RuleSet};
use crate::contract::{RuleDetailView, RuleView};

fn cell(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn row(rule: &Rule) -> RuleView {
    let text = &rule.text;
    RuleView {
        id: rule.id().to_owned(),
        jurisdiction: text.jurisdiction.to_string(),
        window: cell(&text.window),
        holidays: cell(&text.holidays),
        caps: rule.caps.iter().map(ToString::to_string).collect(),
        requires: cell(&text.requires),
        citation: text.citation.to_string(),
        as_of: rule.as_of.to_string(),
        confidence: cell(&text.confidence),
    }
}

pub(super) fn detail(rule: &Rule, set: &RuleSet) -> RuleDetailView {
    let text = &rule.text;
    RuleDetailView {
        rule: row(rule),
        applies_to: rule.applies_to.to_string(),
        source_read: cell(&text.source_read),
        effective_from: cell(&text.effective_from),
        effective_to: cell(&text.effective_to),
        default: if rule.is_on { "on" } else { "off" },
        off_reason: set.reason_off(rule.id()).map(str::to_owned),
        note: cell(&text.note),
    }
}
