//! The caps in force: how far back the attempts of a number are read for them, and what tells that they changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::compliance::{Cap, Rule, RuleBook, Terms};
use crate::model::{CapLimit, Item};
use crate::scheduler::{Policy, PolicyBook};

/// The caps that hold for calls of an item at an instant: those of its client, and of the rules of law of its place.
pub(super) fn caps_of(policy: &Policy, item: &Item, now: DateTime<Utc>) -> Vec<Cap> {
    let of_client = |limit: &CapLimit| Cap { id: "law.caps".into(), applies_to: Terms::default(), limit: *limit };
    let rules = rules_with_caps(policy, item);
    // Whatever the called person's date is, it is one of these: caps are elapsed time, not exact to the hour of a date.
    let today = now.date_naive();
    let dates = [today.pred_opt(), Some(today), today.succ_opt()];
    let in_force = |rule: &&Arc<Rule>| dates.iter().flatten().any(|date| rule.is_in_force(*date));
    let of_rules = rules.iter().filter(in_force).flat_map(|rule| rule.named_caps());
    policy.law.caps.iter().map(of_client).chain(of_rules).collect()
}

fn rules_with_caps(policy: &Policy, item: &Item) -> Arc<[Arc<Rule>]> {
    RuleBook::of(policy).map_or_else(|| Arc::new([]) as _, |book| book.rules_with_caps(&item.place.regions))
}

/// How old an attempt may be and still count for a gate of an item.
pub fn look_back(policy: &Policy, item: &Item) -> TimeDelta {
    let rules = rules_with_caps(policy, item);
    let limits = policy.law.caps.iter().chain(rules.iter().flat_map(|rule| &rule.caps));
    limits.map(|limit| limit.span()).fold(policy.law.number_rest, Ord::max)
}

/// The same for the calls of any item of any client.
pub fn longest_look_back(policies: &PolicyBook) -> TimeDelta {
    let spans =
        policies.all().flat_map(|policy| policy.law.caps.iter().map(|cap| cap.span()).chain([policy.law.number_rest]));
    spans.max().unwrap_or_default()
}

/// A number that stands for the caps of all clients. An item that was blocked under another one is judged anew. Another
/// version of callq may say another number for the same caps: then items are judged once more.
pub fn law_in_force(policies: &PolicyBook) -> i64 {
    let mut hasher = DefaultHasher::new();
    let add = |policy: &Policy, hasher: &mut DefaultHasher| match RuleBook::of(policy) {
        Some(book) => book.hash(hasher),
        None => policy.law.hash(hasher),
    };
    add(policies.defaults(), &mut hasher);
    for client in policies.clients() {
        client.as_str().hash(&mut hasher);
        add(policies.of(client), &mut hasher);
    }
    hasher.finish().cast_signed()
}
