//! `callq dnc add`

use crate::cli::{ListClient, Numbers};
use crate::commands::context::Context;
use crate::commands::starts;
use crate::contract::{DncAddedView, DncEntryView, EndedItemView, List};
use crate::error::CommandError;
use crate::model::{ListSource, NewDoNotCallEntry, NumberPattern};
use crate::store::Access;

/// What all entries of a command line share.
pub(super) struct New<'a> {
    pub(super) source: &'a ListSource,
    pub(super) reason: Option<&'a String>,
    pub(super) until: Option<&'a String>,
}

pub(super) fn run(
    numbers: &Numbers,
    client: &ListClient,
    new: &New<'_>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let patterns = context.patterns(numbers, client.client.as_ref())?;
    let (until, now) = (context.until(new.until, client.client.as_ref())?, context.now());
    let present = context.present_store()?;
    // `CALLQ_CLIENT` does not narrow the list.
    let client = client.client.as_ref();
    client.map_or(Ok(()), |client| context.check_client(client, present.as_ref()))?;
    let mut store = present.map_or_else(|| context.store(Access::Create), Ok)?;
    let entry = |pattern: NumberPattern| NewDoNotCallEntry {
        pattern,
        client: client.cloned(),
        source: new.source.to_string(),
        reason: new.reason.cloned(),
        until,
        said_in: None,
    };
    let entries: Vec<NewDoNotCallEntry> = patterns.into_iter().map(entry).collect();
    let actor = context.actor().clone();
    let blocked = store.block_numbers(&entries, &actor, now)?;
    // A call that is claimed and has not begun begins no more.
    starts::await_starts(context)?;
    let rows = blocked.iter().map(|blocked| DncAddedView {
        entry: DncEntryView::from(&blocked.entry),
        existing: blocked.existing,
        ended: blocked.ended.iter().map(EndedItemView::from).collect(),
        ended_count: blocked.ended_count,
    });
    let rows = rows.collect();
    context.show(&List { rows })
}
