//! `callq receipt`

use super::context::{Context, output_failed};
use super::show::{each_item, of_names};
use super::words;
use crate::cli::{IdArgument, Receipt};
use crate::contract::ReceiptView;
use crate::error::{CommandError, ErrorKind};
use crate::model::{AttemptId, Item};
use crate::query::receipt;
use crate::store::{Access, Store};

pub(super) fn run(args: &Receipt, context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Read)?;
    let attempts = attempts(args, context, &store)?;
    let settings = context.settings()?;
    let base = |item: &Item| settings.policies.of(&item.client).clone();
    let mut views: Vec<ReceiptView> = Vec::new();
    for attempt in attempts {
        let found = receipt(&store, attempt, &base, args.verify)?;
        views.push(found.ok_or_else(|| {
            let message = format!("no attempt {attempt}");
            CommandError::message(ErrorKind::NotFound, message).with_hint("`callq calls --json` shows their ids")
        })?);
    }
    match &views[..] {
        [only] if args.ids.len() == 1 && args.ids.iter().all(is_one) => context.show(only)?,
        _ => context.show_each(|writer| views.iter().try_for_each(|view| writer.write(view).map_err(output_failed)))?,
    }
    let differs = |view: &&ReceiptView| view.differences.as_ref().is_some_and(|found| !found.is_empty());
    let Some(first) = views.iter().find(differs) else { return Ok(()) };
    let found = first.differences.iter().flatten().cloned().collect::<Vec<_>>().join("; ");
    let others = match views.iter().filter(differs).count() {
        1 => String::new(),
        count => format!("; and {} more", count - 1),
    };
    let ReceiptView { number, id, .. } = first;
    let message = format!("the receipt of attempt {number} of item {id} differs: {found}{others}");
    Err(CommandError::message(ErrorKind::Failed, message))
}

fn attempt_of(argument: &IdArgument) -> Option<AttemptId> {
    let IdArgument::Name(name) = argument else { return None };
    name.parse().ok()
}

fn is_one(argument: &IdArgument) -> bool {
    argument.is_one_id() || attempt_of(argument).is_some()
}

/// The attempts that are named, and the newest of each item that is.
fn attempts(args: &Receipt, context: &Context<'_>, store: &Store) -> Result<Vec<AttemptId>, CommandError> {
    let mut names = words::expanded(&args.ids, context)?;
    let mut attempts: Vec<AttemptId> = names.iter().filter_map(|(_, name)| attempt_of(name)).collect();
    names.retain(|(_, name)| attempt_of(name).is_none());
    if names.is_empty() {
        return Ok(attempts);
    }
    let filter = of_names(&names, &args.client, context, store)?;
    let mut without = None;
    each_item(store, &filter, &mut |item| {
        match store.newest_attempt(item.id)? {
            Some(attempt) => attempts.push(attempt),
            None => without = without.or(Some(item.id)),
        }
        Ok(true)
    })?;
    match without {
        Some(id) if attempts.is_empty() => {
            let message = format!("item {id} was not called yet");
            Err(CommandError::message(ErrorKind::NotFound, message).with_hint(format!("`callq why {id}` explains why")))
        }
        _ => Ok(attempts),
    }
}
