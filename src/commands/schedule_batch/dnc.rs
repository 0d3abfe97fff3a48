//! Numbers of records that say no, which join the do-not-call list of their client.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::context::Context;
use crate::commands::starts;
use crate::error::CommandError;
use crate::model::{ClientId, NewDoNotCallEntry, NumberPattern, PhoneNumber};
use crate::store::Store;

/// The numbers of each client, without their `+`: fifteen digits fit a word.
#[derive(Debug, Default)]
pub(super) struct Unwanted(BTreeMap<ClientId, BTreeSet<u64>>);

/// So many entries are made at once.
const AT_ONCE: usize = 1_000;

/// The source of the entries.
const SOURCE: &str = "import";

impl Unwanted {
    pub(super) fn insert(&mut self, client: ClientId, phone: &PhoneNumber) {
        if let Ok(digits) = phone.as_str().trim_start_matches('+').parse() {
            self.0.entry(client).or_default().insert(digits);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the numbers to the lists of their clients, and gives back how many are new there.
    pub(super) fn block(&self, store: &mut Store, context: &mut Context<'_>) -> Result<u64, CommandError> {
        let (by, now) = (context.actor().clone(), context.now());
        let mut added = 0;
        for (client, numbers) in &self.0 {
            let entry = |digits: &u64| {
                let phone: PhoneNumber = format!("+{digits}").parse().ok()?;
                Some(NewDoNotCallEntry {
                    pattern: NumberPattern::Number(phone),
                    client: Some(client.clone()),
                    source: SOURCE.to_owned(),
                    reason: Some("a column of the file says so".to_owned()),
                    until: None,
                    said_in: None,
                })
            };
            let entries: Vec<NewDoNotCallEntry> = numbers.iter().filter_map(entry).collect();
            for part in entries.chunks(AT_ONCE) {
                let blocked = store.block_numbers(part, &by, now)?;
                added += blocked.iter().filter(|blocked| !blocked.existing).count() as u64;
            }
        }
        // A call that is claimed and has not begun begins no more.
        starts::await_starts(context)?;
        Ok(added)
    }
}
