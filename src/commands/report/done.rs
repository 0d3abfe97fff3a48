//! What came of reports: the items, and what is said of them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::engine::{moved_promise, wrong_clock};
use crate::error::{CommandError, ErrorKind};
use crate::model::{CallReport, ItemId};
use crate::scheduler::PolicyBook;
use crate::store::{Reported, Store};

pub(super) struct Done {
    /// Each once, in the order of their ids.
    pub(super) items: Vec<ItemId>,
    /// How many reports settled a call that was open.
    pub(super) settled: u64,
    /// What is said of the times in the reports.
    pub(super) said: Vec<String>,
}

impl Done {
    /// Reads the answers to the reports, each with its line when it comes from standard input.
    ///
    /// # Errors
    /// When a report named nothing or was refused: nothing was changed.
    pub(super) fn of(
        lines: &[Option<u64>],
        reports: &[CallReport],
        answers: Vec<Reported>,
        store: &Store,
        policies: &PolicyBook,
        now: DateTime<Utc>,
    ) -> Result<Done, CommandError> {
        let (mut items, mut settled, mut clocks, mut moved) = (Vec::new(), 0, Vec::new(), Vec::new());
        let mut named = HashSet::new();
        for ((line, report), answer) in lines.iter().zip(reports).zip(answers) {
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            match answer {
                Reported::Settled(id) => {
                    settled += 1;
                    items.push(id);
                    let Some(item) = store.item(id)? else { continue };
                    let of_item = |said: String| format!("{place}item {id} ({}): {said}", item.lead);
                    // The clock of one client is wrong for all its calls.
                    let wrong = wrong_clock(&report.result, now).filter(|_| named.insert(item.client.clone()));
                    clocks.extend(wrong.map(of_item));
                    if item.promise.is_some() {
                        let policy = policies.of(&item.client);
                        moved.extend(moved_promise(policy, &report.result, item.scheduled_at).map(of_item));
                    }
                }
                Reported::Same(id) => items.push(id),
                Reported::NoSuch => {
                    let message = format!("{place}no {}; nothing was changed", report.target);
                    return Err(CommandError::message(ErrorKind::NotFound, message));
                }
                Reported::Refused(id, why) => {
                    let outcome = report.result.outcome;
                    let message = format!("{place}cannot report {outcome} of item {id}: {why}; nothing was changed");
                    let hint = format!("`callq show {id}` tells what is known; the report is kept there as a note");
                    return Err(CommandError::message(ErrorKind::Refused, message).with_hint(hint));
                }
            }
        }
        items.sort_unstable();
        items.dedup();
        Ok(Done { items, settled, said: clocks.into_iter().chain(moved).collect() })
    }
}
