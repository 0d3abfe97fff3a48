//! The caps in force: how far back the attempts of a number are read for them, and what tells that they changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::compliance::{Cap, Requirement, Rule, RuleBook, Terms};
use crate::model::{CapLimit, Consent, ConsentKind, LeadPlace};
use crate::scheduler::{Policy, PolicyBook};

/// The caps that hold for calls to a place at an instant: those of the client, and of the rules of law there, unless a
/// consent lifts them.
pub(crate) fn caps_of(policy: &Policy, place: &LeadPlace, consents: &[Consent], now: DateTime<Utc>) -> Vec<Cap> {
    let of_client = |limit: &CapLimit| Cap { id: "law.caps".into(), applies_to: Terms::default(), limit: *limit };
    let rules = rules_with_caps(policy, place);
    // Whatever the called person's date is, it is one of these: caps are elapsed time, not exact to the hour of a date.
    let today = now.date_naive();
    let dates = [today.pred_opt(), Some(today), today.succ_opt()];
    let in_force = |rule: &&Arc<Rule>| dates.iter().flatten().any(|date| rule.is_in_force(*date));
    let lifts =
        |kind: ConsentKind| consents.iter().any(|consent| consent.holds_at(now) && consent.new.kind.serves(kind));
    let is_lifted = |rule: &&Arc<Rule>| {
        rule.requires.iter().any(|needs| matches!(needs, Requirement::UnlessConsent(kind) if lifts(*kind)))
    };
    let of_rules = rules.iter().filter(in_force).filter(|rule| !is_lifted(rule)).flat_map(|rule| rule.named_caps());
    policy.law.caps.iter().map(of_client).chain(of_rules).collect()
}

fn rules_with_caps(policy: &Policy, place: &LeadPlace) -> Arc<[Arc<Rule>]> {
    RuleBook::of(policy).map_or_else(|| Arc::new([]) as _, |book| book.rules_with_caps(&place.regions))
}

/// How old an attempt may be and still count for a gate of an item at a place.
pub(crate) fn look_back(policy: &Policy, place: &LeadPlace) -> TimeDelta {
    let rules = rules_with_caps(policy, place);
    let limits = policy.law.caps.iter().chain(rules.iter().flat_map(|rule| &rule.caps));
    limits.map(|limit| limit.span()).fold(policy.law.number_rest, Ord::max)
}

/// The same for the items of any client at any of these places.
pub(crate) fn longest_look_back<'p>(policies: &PolicyBook, places: impl Iterator<Item = &'p LeadPlace>) -> TimeDelta {
    let at_place = |place| policies.all().map(move |policy| look_back(policy, place));
    places.flat_map(at_place).max().unwrap_or_default()
}

/// A number that stands for the caps of all clients. An item that was blocked under another one is judged anew. Another
/// version of callq may say another number for the same caps: then items are judged once more.
pub(crate) fn law_in_force(policies: &PolicyBook) -> i64 {
    let mut hasher = DefaultHasher::new();
    let add = |policy: &Policy, hasher: &mut DefaultHasher| {
        policy.law.hash(hasher);
        if let Some(book) = RuleBook::of(policy) {
            book.hash(hasher);
        }
    };
    add(policies.defaults(), &mut hasher);
    for client in policies.clients() {
        client.as_str().hash(&mut hasher);
        add(policies.of(client), &mut hasher);
    }
    hasher.finish().cast_signed()
}
