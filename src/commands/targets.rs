//! Which items a command means, from its ids and filters.

use std::io::{self, BufRead};

use super::context::Context;
use crate::cli::{Client, CommonFilter, Consent, IdArgument};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, ItemId, Priority};
use crate::output::with_commas;
use crate::store::{Filter, Store, Targets};

/// What a command line says about the items that it means.
pub(super) struct Selection<'a> {
    pub(super) ids: &'a [IdArgument],
    pub(super) client: &'a Client,
    pub(super) filter: &'a CommonFilter,
    pub(super) priorities: &'a [Priority],
    pub(super) reason: Option<&'a String>,
    pub(super) all: bool,
}

impl Selection<'_> {
    /// The client whose items alone are meant. An id says enough without `CALLQ_CLIENT`.
    pub(super) fn client(&self, context: &Context<'_>) -> Result<Option<ClientId>, CommandError> {
        if self.ids.is_empty() { context.client(self.client) } else { Ok(self.client.client.clone()) }
    }

    /// The same, when it exists.
    pub(super) fn known_client(&self, context: &Context<'_>, store: &Store) -> Result<Option<ClientId>, CommandError> {
        match self.client(context)? {
            Some(client) => context.known_client(&Client { client: Some(client) }, Some(store)),
            None => Ok(None),
        }
    }

    /// Whether one item is named, by its id.
    pub(super) fn is_one_id(&self) -> bool {
        matches!(self.ids, [IdArgument::Range(first, last)] if first == last)
    }

    /// The items that are meant: ids, or a selection, not both. Selecting everything needs `--all`.
    pub(super) fn targets(&self, context: &Context<'_>) -> Result<Targets, CommandError> {
        let client = self.client(context)?;
        let filter = filter(context, client.as_ref(), self.filter, self.priorities, self.reason)?;
        let filters = !Filter { client: None, ..filter.clone() }.is_everything();
        if self.ids.is_empty() {
            // A client of the environment bounds a selection, but it is nothing that was asked for now.
            let selects = filters || self.client.client.is_some();
            return if selects || self.all { Ok(Targets::Selection(filter)) } else { Err(nothing_named()) };
        }
        if self.all || filters {
            let message = "give ids or a selection, not both";
            return Err(CommandError::message(ErrorKind::Usage, message));
        }
        read_ids(self.ids, context).map(Targets::Ids)
    }
}

fn nothing_named() -> CommandError {
    CommandError::message(ErrorKind::Usage, "no item is named")
        .with_hint("give ids, a filter such as --status failed, or --all")
}

/// The selection of a command line.
pub(super) fn filter(
    context: &Context<'_>,
    client: Option<&ClientId>,
    common: &CommonFilter,
    priorities: &[Priority],
    reason: Option<&String>,
) -> Result<Filter, CommandError> {
    let time =
        |flag: &str, text: &Option<String>| text.as_ref().map(|text| context.time(flag, text, client)).transpose();
    Ok(Filter {
        client: client.cloned(),
        statuses: common.status.clone(),
        priorities: priorities.to_vec(),
        lead: common.lead.clone(),
        search: common.search.clone(),
        from: time("--from", &common.from)?,
        to: time("--to", &common.to)?,
        due_at: common.due.then(|| context.now()),
        held: common.held,
        reason: reason.cloned(),
        ids: Vec::new(),
    })
}

fn read_ids(arguments: &[IdArgument], context: &Context<'_>) -> Result<Vec<(ItemId, ItemId)>, CommandError> {
    let mut ranges = Vec::new();
    for argument in arguments {
        match argument {
            IdArgument::Range(first, last) => ranges.push((*first, *last)),
            IdArgument::Stdin => read_stdin(context, &mut ranges)?,
        }
    }
    if ranges.is_empty() {
        return Err(CommandError::message(ErrorKind::NotFound, "standard input holds no id"));
    }
    ranges.sort_unstable();
    ranges.dedup();
    Ok(ranges)
}

fn read_stdin(context: &Context<'_>, ranges: &mut Vec<(ItemId, ItemId)>) -> Result<(), CommandError> {
    for (index, line) in (context.stdin)().lines().enumerate() {
        let line = line.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                CommandError::message(ErrorKind::Usage, format!("standard input, line {}: it is no text", index + 1))
            }
            _ => CommandError::message(ErrorKind::Failed, format!("cannot read standard input: {error}")),
        })?;
        for word in line.split_whitespace() {
            match word.parse() {
                Ok(IdArgument::Range(first, last)) => ranges.push((first, last)),
                Ok(IdArgument::Stdin) | Err(_) => {
                    let message =
                        format!("standard input, line {}: `{}` is not an item id", index + 1, word.escape_debug());
                    return Err(CommandError::message(ErrorKind::Usage, message));
                }
            }
        }
    }
    Ok(())
}

/// The error of an id that names nothing.
pub(super) fn no_item(id: ItemId) -> CommandError {
    CommandError::message(ErrorKind::NotFound, format!("no item {id}"))
        .with_hint("`callq list --limit 0` shows every item")
}

/// The error of a selection that has no item.
pub(super) fn matches_nothing() -> CommandError {
    CommandError::message(ErrorKind::NotFound, "the selection matches no item")
        .with_hint("`callq list` takes the same filters and shows what there is")
}

/// Asks before a selection is changed, on a terminal. Gives back whether to go on.
pub(super) fn consents(
    context: &mut Context<'_>,
    store: &Store,
    targets: &Targets,
    consent: Consent,
    verb: &str,
) -> Result<bool, CommandError> {
    let Targets::Selection(filter) = targets else { return Ok(true) };
    if consent.yes || !context.surroundings.stdin_is_terminal {
        return Ok(true);
    }
    let count = store.count(filter)?;
    if count == 0 {
        return Ok(true);
    }
    let noun = if count == 1 { "item" } else { "items" };
    let _ = write!(context.err, "{verb} {} {noun}? [y/N] ", with_commas(count));
    let _ = context.err.flush();
    let mut answer = String::new();
    (context.stdin)()
        .read_line(&mut answer)
        .map_err(|error| CommandError::message(ErrorKind::Failed, format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
