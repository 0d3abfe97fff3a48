//! `callq dnc remove`

use crate::cli::{ListClient, Numbers};
use crate::commands::context::Context;
use crate::contract::{DncEntryView, List};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, DoNotCallEntry, NumberPattern, Removal};
use crate::store::Access;

pub(super) fn run(
    numbers: &Numbers,
    client: &ListClient,
    reason: &str,
    yes: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let patterns = context.patterns(numbers, client.client.as_ref())?;
    let mut store = context.store(Access::Change)?;
    let client = client.client.as_ref();
    client.map_or(Ok(()), |client| context.check_client(client, Some(&store)))?;
    let now = context.now();
    for pattern in &patterns {
        let entries = store.entries_of(std::slice::from_ref(pattern), client, now)?;
        if entries.is_empty() {
            return Err(no_entry(pattern, client));
        }
        if let Some(own) = entries.iter().find(|entry| entry.is_callers_own()).filter(|_| !yes) {
            let since = own.since.format("%Y-%m-%d");
            let message = format!("the person at {pattern} asked not to be called, {since}: nothing was removed");
            return Err(CommandError::message(ErrorKind::Refused, message).with_hint("--yes removes it all the same"));
        }
    }
    let by = context.actor().as_str().to_owned();
    let removal = Removal { at: now, by, reason: Some(reason.to_owned()) };
    let removed = store.unblock_numbers(&patterns, client, &removal)?;
    show_entries(&removed, context)
}

fn no_entry(pattern: &NumberPattern, client: Option<&ClientId>) -> CommandError {
    let whose = client.map_or_else(|| "for all clients".to_owned(), |client| format!("for client {client}"));
    CommandError::message(ErrorKind::NotFound, format!("no entry {pattern} is in force {whose}"))
        .with_hint(format!("`callq dnc check '{pattern}'` names the entries that block it, `-c` those of one client"))
}

fn show_entries(entries: &[DoNotCallEntry], context: &mut Context<'_>) -> Result<(), CommandError> {
    let rows = entries.iter().map(DncEntryView::from).collect();
    context.show(&List { rows })
}
