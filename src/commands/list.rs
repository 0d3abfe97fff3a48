//! `callq list`

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::{io, mem, thread};

use anyhow::Context as _;

use super::context::{Context, output_failed};
use super::listing::{Listed, Listing, NextCall, PAGE, Take};
use super::targets;
use crate::cli::List;
use crate::contract::ItemView;
use crate::error::{CommandError, ErrorKind};
use crate::model::ListSort;
use crate::output::{parse_columns, with_commas};
use crate::query::NextCalls;
use crate::store::{Access, SortKey, Store};

pub(super) fn run(args: &List, context: &mut Context<'_>) -> Result<(), CommandError> {
    let columns = args.columns.as_ref().map(|columns| parse_columns(&columns.0)).transpose();
    let columns = columns.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let client = context.client(&args.client)?;
    let filter =
        targets::filter(context, client.as_ref(), &args.filter, &args.priority.priority, args.reason.reason.as_ref())?;
    let store = context.store(Access::Read)?;
    context.known_client(&args.client, Some(&store))?;
    let find = |id| store.item(id)?.ok_or_else(|| targets::no_item(id));
    let after = args.after.map(find).transpose()?;
    let (settings, now) = (context.settings()?, context.now());
    let (limit, policies) = (if args.limit == 0 { usize::MAX } else { args.limit }, &settings.policies);
    let quiet = context.global.quiet;
    let more = context.show_items(columns.as_deref(), |writer| {
        let mut next_calls = NextCalls::new(policies, now);
        let write = |listed: Listed| {
            let item = listed.row.item()?;
            let next = match listed.next {
                NextCall::Known(next) => next.filter(|at| !item.has_expired_at(*at)),
                NextCall::Unsearched => next_calls.of(&item),
            };
            writer.write(&ItemView::new(&item, next)).map_err(output_failed)
        };
        let (filter, sort) = (&filter, sort_key(args.sort));
        let read = |store: &Store, take: Take<'_>| {
            let listing = Listing { store, policies, now, left: limit, take };
            let left = listing.read(filter, sort, args.reverse, after.as_ref())?;
            // All are shown, or the number of all, where it is known.
            Ok(if left > 0 || quiet { None } else { Some(store.count_by_counters(filter)?) })
        };
        if limit <= PAGE {
            store.at_one_instant(|store| read(store, &mut { write }))
        } else {
            // Page by page: a reading of minutes would keep the log from being shortened.
            ahead(move |take| read(&store, take), write)
        }
    })?;
    let limit = args.limit as u64;
    match more {
        None => {}
        Some(Some(count)) if count <= limit => {}
        Some(Some(count)) => context.say(format_args!("showing {} of {}", with_commas(limit), with_commas(count))),
        // To count the others would read them all.
        Some(None) => context.say(format_args!("showing the first {}; `--limit 0` shows all", with_commas(limit))),
    }
    Ok(())
}

/// The key of a sort; none for the order of calls, which no key tells.
fn sort_key(sort: ListSort) -> Option<SortKey> {
    match sort {
        ListSort::Order => None,
        ListSort::Scheduled => Some(SortKey::Scheduled),
        ListSort::Created => Some(SortKey::Created),
        ListSort::Updated => Some(SortKey::Updated),
        ListSort::Id => Some(SortKey::Id),
    }
}

/// Batches that may be read ahead of the writer, and the items of each.
const AHEAD: usize = 4;
const BATCH: usize = 256;

/// Reads in a thread of its own, a few batches ahead of what is written here. What cannot be written ends the reading.
fn ahead<T: Send>(
    read: impl FnOnce(Take<'_>) -> Result<T, CommandError> + Send,
    write: impl FnMut(Listed) -> Result<(), CommandError>,
) -> Result<T, CommandError> {
    let (sender, receiver) = sync_channel(AHEAD);
    let reader = move || {
        let mut batch = Vec::with_capacity(BATCH);
        let unread = |_| output_failed(io::ErrorKind::BrokenPipe.into());
        let read = read(&mut |listed| {
            batch.push(listed);
            if batch.len() < BATCH {
                return Ok(());
            }
            sender.send(mem::replace(&mut batch, Vec::with_capacity(BATCH))).map_err(unread)
        })?;
        sender.send(batch).map_err(unread)?;
        Ok(read)
    };
    thread::scope(|scope| {
        let reader = thread::Builder::new().spawn_scoped(scope, reader);
        let reader = reader
            .context("cannot start a thread that reads the items")
            .map_err(|error| CommandError::new(ErrorKind::Failed, error))?;
        let written = receiver.into_iter().flatten().try_for_each(write);
        let read = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        written.and(read)
    })
}
