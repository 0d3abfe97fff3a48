//! What must hold of a queue and of the calls that were made, whatever was killed and when.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use super::Sandbox;

/// A dispatcher that notes begin and end of each call in the sandbox's folder, each with the item and the attempt, before
/// and after `middle`.
pub(crate) fn noting(middle: &str) -> String {
    format!(
        "echo begin $CALLQ_ITEM_ID $CALLQ_ATTEMPT_ID >> calls.log\n{middle}\n\
         echo end $CALLQ_ITEM_ID $CALLQ_ATTEMPT_ID >> calls.log"
    )
}

impl Sandbox {
    /// Every item whole, by id.
    #[track_caller]
    pub(crate) fn items(&self) -> BTreeMap<u64, Value> {
        let shown = self.run("show --all --format jsonl");
        if shown.code == 3 {
            return BTreeMap::new();
        }
        let items = shown.expect_code(0).json_lines();
        items.into_iter().map(|item| (item["id"].as_u64().unwrap(), item)).collect()
    }

    /// Asserts that the database is sound, that every call has its attempt, that no call was made twice, that the calls
    /// of one item did not overlap, and that no item has more attempts than its budget.
    #[track_caller]
    pub(crate) fn assert_sound(&self) {
        self.run("doctor").expect_code(0);
        let items = self.items();
        let mut begun = BTreeSet::new();
        let mut going_on: BTreeMap<u64, String> = BTreeMap::new();
        for line in fs::read_to_string(self.path("calls.log")).unwrap_or_default().lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [what, item, attempt] = words[..] else { panic!("a broken line of the log: {line}") };
            let id: u64 = item.parse().unwrap();
            let history = items.get(&id).unwrap_or_else(|| panic!("item {id} was called and is not there"));
            let known = history["history"].as_array().unwrap().iter().any(|known| known["id"] == attempt);
            assert!(known, "attempt {attempt} of item {id} is not on record");
            if what == "begin" {
                assert!(begun.insert(attempt.to_owned()), "attempt {attempt} was called twice");
                let other = going_on.insert(id, attempt.to_owned());
                assert!(other.is_none(), "item {id} was called while a call of it went on");
            } else {
                going_on.remove(&id);
            }
        }
        for (id, item) in &items {
            let attempts = item["history"].as_array().unwrap();
            let tries = attempts
                .iter()
                .filter(|attempt| !matches!(attempt["outcome"].as_str(), Some("returned" | "unavailable")));
            let budget = 1 + item["max_retries"].as_u64().unwrap();
            assert!(tries.count() as u64 <= budget, "item {id} has more attempts than its budget: {item}");
            assert_eq!(attempts.len() as u64, item["attempts"].as_u64().unwrap(), "{item}");
        }
    }
}
