//! `callq dnc list` and `callq dnc export`

use crate::commands::context::{Context, output_failed};
use crate::contract::DncEntryView;
use crate::error::CommandError;
use crate::store::{Access, EntryFilter};

/// This number of entries is read at once.
const PAGE: usize = 1_000;

pub(super) fn run(filter: &EntryFilter, context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Read)?;
    let now = context.now();
    let last_id = context.show_each(|writer| {
        let mut after = 0;
        loop {
            let entries = store.do_not_call_entries(filter, after, PAGE, now)?;
            let Some(last) = entries.last() else { return Ok(after) };
            after = last.id;
            for entry in &entries {
                writer.write(&DncEntryView::from(entry)).map_err(output_failed)?;
            }
        }
    })?;
    context.say_if_empty(last_id == 0, "No do-not-call entries.");
    Ok(())
}
