//! The caps in force: how far back the attempts of a number are read for them, and what tells that they changed.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};

use super::{cap, number_rest};
use crate::compliance::{Cap, Terms};
use crate::model::{CapLimit, Item, NumberFacts};
use crate::scheduler::{Policy, PolicyBook};

/// The caps that hold for calls of an item: those of its client.
pub(super) fn caps_of(policy: &Policy, _item: &Item) -> Vec<Cap> {
    let of_client = |limit: &CapLimit| Cap { id: "law.caps".into(), applies_to: Terms::default(), limit: *limit };
    policy.law.caps.iter().map(of_client).collect()
}

/// How old an attempt may be and still count for a gate of an item.
pub fn look_back(policy: &Policy, item: &Item) -> TimeDelta {
    let spans = caps_of(policy, item).into_iter().map(|cap| cap.limit.span());
    spans.fold(policy.law.number_rest, Ord::max)
}

/// The first instant from `due` on at which neither a cap nor the rest of its number keeps an item from being called, when
/// nobody else calls the number. They only open as time goes on.
pub fn free_from(policy: &Policy, item: &Item, number: &NumberFacts, due: DateTime<Utc>) -> DateTime<Utc> {
    let asked = [cap::ask(item, number, policy, due), number_rest::ask(item, number, policy, due)];
    asked.iter().filter_map(|verdict| verdict.until).fold(due, Ord::max)
}

/// A number that stands for the caps of all clients. An item that was blocked under another one is judged anew. Another
/// version of callq may say another number for the same caps: then items are judged once more.
pub fn law_in_force(policies: &PolicyBook) -> i64 {
    let mut hasher = DefaultHasher::new();
    policies.defaults().law.hash(&mut hasher);
    for client in policies.clients() {
        client.as_str().hash(&mut hasher);
        policies.of(client).law.hash(&mut hasher);
    }
    hasher.finish().cast_signed()
}
