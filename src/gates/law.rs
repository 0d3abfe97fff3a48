//! The caps in force: how far back the attempts of a number are read for them, and what tells that they changed.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::TimeDelta;

use crate::scheduler::{Policy, PolicyBook};

/// How old an attempt may be and still count for a gate.
pub fn look_back(policy: &Policy) -> TimeDelta {
    policy.law.number_rest
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
