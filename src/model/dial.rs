//! What a call was asked under, as it is kept for its receipt.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{Purpose, Voice};

/// A text that is kept once, by its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptText {
    /// In hexadecimal digits.
    pub hash: String,
    pub text: Arc<str>,
}

/// The copy of a registry that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AskedRegistry {
    pub name: String,
    pub as_of: NaiveDate,
    pub generation: i64,
}

/// What many calls to one place were asked under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DialContext {
    /// The version of callq.
    pub program: String,
    /// The version of the zone data.
    pub zone_data: String,
    /// The version of the table of numbers.
    pub numbers: String,
    /// Which rules come with the program: `builtin 2026-11-28`, or `off`.
    pub rules_version: String,
    /// The hash of the rules.
    pub rules: String,
    /// The hash of the policy.
    pub policy: String,
    pub purpose: Option<Purpose>,
    pub voice: Voice,
    pub registries: Vec<AskedRegistry>,
}

/// What is written of a call when it begins, beside the call itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialRecord {
    pub context: DialContext,
    /// The rules and the policy of the context.
    pub texts: [Arc<KeptText>; 2],
    /// The row of the consent that opened it.
    pub consent: Option<i64>,
    /// How many calls to its number counted for a cap; none when no cap was asked.
    pub cap_count: Option<u32>,
}

impl AskedRegistry {
    /// The form in which several are kept.
    pub fn to_stored(registries: &[AskedRegistry]) -> String {
        let one = |AskedRegistry { name, as_of, generation }: &AskedRegistry| format!("{name}:{as_of}:{generation}");
        registries.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    /// Reads [`AskedRegistry::to_stored`]; `None` for another form.
    pub fn from_stored(text: &str) -> Option<Vec<AskedRegistry>> {
        let one = |word: &str| {
            let (front, generation) = word.rsplit_once(':')?;
            let (name, as_of) = front.rsplit_once(':')?;
            Some(AskedRegistry {
                name: name.to_owned(),
                as_of: as_of.parse().ok()?,
                generation: generation.parse().ok()?,
            })
        };
        text.split_ascii_whitespace().map(one).collect()
    }
}
