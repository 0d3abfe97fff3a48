//! `callq dnc`: the entries of the do-not-call list. The copies of registries stand in `registry`.

use super::context::{Context, output_failed};
use super::{registry, starts};
use crate::cli::{Dnc, DncAction, ListClient, Numbers};
use crate::contract::{DncAddedView, DncCheckView, DncEntryView, EndedItemView, List};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, DoNotCallEntry, Format, ListSource, NewDoNotCallEntry, NumberPattern, Removal};
use crate::output::with_commas;
use crate::store::{Access, EntryFilter, Store};

/// This number of entries is read at once.
const PAGE: usize = 1_000;

pub(super) fn run(args: &Dnc, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        DncAction::Add { numbers, client, source, reason, until } => {
            let new = New { source, reason: reason.as_ref(), until: until.as_ref() };
            add(numbers, client, &new, context)
        }
        DncAction::Remove { numbers, client, reason, yes } => remove(numbers, client, reason, *yes, context),
        DncAction::Check { numbers } => check(numbers, context),
        DncAction::List { source, ended } => {
            let source = source.as_ref().map(ToString::to_string);
            list(&EntryFilter { source, ended: *ended }, context)
        }
        DncAction::Export => {
            if context.format() == Format::Table {
                context.global.format = Format::Csv;
            }
            list(&EntryFilter::default(), context)
        }
        DncAction::Import { name, file, as_of, covers, max_age, yes } => {
            let import = registry::Import { name, file, as_of: *as_of, covers: covers.as_ref(), max_age: *max_age };
            registry::import(&import, *yes, context)
        }
        DncAction::Status => registry::status(context),
    }
}

/// What all entries of a command line share.
struct New<'a> {
    source: &'a ListSource,
    reason: Option<&'a String>,
    until: Option<&'a String>,
}

fn add(numbers: &Numbers, client: &ListClient, new: &New<'_>, context: &mut Context<'_>) -> Result<(), CommandError> {
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

fn remove(
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

fn check(numbers: &Numbers, context: &mut Context<'_>) -> Result<(), CommandError> {
    let patterns = context.patterns(numbers, None)?;
    let store = context.store(Access::Read)?;
    let mut rows = Vec::new();
    for pattern in &patterns {
        rows.extend(words(&store, pattern, context)?);
    }
    let is_listed = |pattern: &&NumberPattern| rows.iter().any(|row| row.listed && row.number == pattern.to_string());
    let listed = patterns.iter().filter(is_listed).count();
    context.show(&List { rows })?;
    for pattern in &patterns {
        say_inside(&store, pattern, context)?;
    }
    match (listed, patterns.as_slice()) {
        (0, _) => Ok(()),
        (1, [NumberPattern::Number(_)]) => Err(CommandError::message(ErrorKind::Refused, "the number is listed")),
        (1, [_]) => Err(CommandError::message(ErrorKind::Refused, "the prefix is listed")),
        (listed, all) => {
            let message = format!("{listed} of {} numbers are listed", all.len());
            Err(CommandError::message(ErrorKind::Refused, message))
        }
    }
}

/// Says of a prefix that some of its numbers are listed by themselves.
fn say_inside(store: &Store, pattern: &NumberPattern, context: &mut Context<'_>) -> Result<(), CommandError> {
    let NumberPattern::Prefix(prefix) = pattern else { return Ok(()) };
    let entries = match store.entries_inside(prefix, context.now())? {
        0 => return Ok(()),
        1 => "1 entry is in force".to_owned(),
        entries => format!("{} entries are in force", with_commas(entries)),
    };
    context.say(format_args!(
        "{entries} for a part of {pattern}: `callq dnc list` shows them; look up registries number by number"
    ));
    Ok(())
}

/// What each list says of a number: callq's own, then those of registries, which say nothing of a prefix.
fn words(store: &Store, pattern: &NumberPattern, context: &Context<'_>) -> Result<Vec<DncCheckView>, CommandError> {
    let entries = store.entries_closing(pattern, context.now())?;
    let text = &pattern.to_string();
    let mut rows: Vec<DncCheckView> =
        entries.iter().map(|entry| DncCheckView::of_own_list(text, Some(entry))).collect();
    if rows.is_empty() {
        rows.push(DncCheckView::of_own_list(text, None));
    }
    let NumberPattern::Number(number) = pattern else { return Ok(rows) };
    let copies = store.registries()?;
    for facts in store.registry_facts(copies.iter().map(|copy| copy.name.as_str()), number)? {
        if let Some(copy) = &facts.copy {
            rows.push(DncCheckView::of_registry(text, copy, &facts, copy.covers.has(number)));
        }
    }
    Ok(rows)
}

fn list(filter: &EntryFilter, context: &mut Context<'_>) -> Result<(), CommandError> {
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
