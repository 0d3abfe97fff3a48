//! Which items a command means, from its names and filters.

use super::context::Context;
use super::names::{Names, Several};
use super::words;
use crate::cli::{Client, CommonFilter, Filters, IdArgument};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, ItemId, MetaTest, Priority, Status, StatusChoice};
use crate::store::{Filter, Store, Targets};

/// What a command line says about the items that it means.
pub(super) struct Selection<'a> {
    pub(super) ids: &'a [IdArgument],
    pub(super) client: &'a Client,
    pub(super) filter: &'a CommonFilter,
    pub(super) phone: Option<&'a String>,
    pub(super) meta: &'a [MetaTest],
    pub(super) priorities: &'a [Priority],
    pub(super) reason: Option<&'a String>,
    pub(super) all: bool,
}

/// The items that a command line means, before the queue is asked for names.
pub(super) enum Named {
    /// Each with the place where it stands, for messages.
    Names(Vec<(String, IdArgument)>),
    Selection(Box<Filter>),
}

impl<'a> Selection<'a> {
    /// What a command means that has all filters.
    pub(super) fn of(ids: &'a [IdArgument], client: &'a Client, filters: &'a Filters, all: bool) -> Selection<'a> {
        let Filters { common, contact, priority, reason } = filters;
        Selection {
            ids,
            client,
            filter: common,
            phone: contact.phone.as_ref(),
            meta: &contact.meta,
            priorities: &priority.priority,
            reason: reason.reason.as_ref(),
            all,
        }
    }

    /// The client whose items alone are meant. An id says enough without `CALLQ_CLIENT`.
    fn client(&self, context: &Context<'_>) -> Result<Option<ClientId>, CommandError> {
        if self.ids.is_empty() { context.client(self.client) } else { Ok(self.client.client.clone()) }
    }

    /// The same, when it exists.
    pub(super) fn known_client(&self, context: &Context<'_>, store: &Store) -> Result<Option<ClientId>, CommandError> {
        let client = self.client(context)?;
        client.as_ref().map_or(Ok(()), |client| context.check_client(client, Some(store)))?;
        Ok(client)
    }

    /// Whether one item is named, by its id.
    pub(super) fn is_one_id(&self) -> bool {
        matches!(self.ids, [only] if only.is_one_id())
    }

    /// The items that are meant: names, or a selection, not both. Selecting everything needs `--all`.
    pub(super) fn named(&self, context: &Context<'_>) -> Result<Named, CommandError> {
        let client = self.client(context)?;
        let filter = self.filter(context, client.as_ref())?;
        let filters = !Filter { client: None, ..filter.clone() }.is_everything();
        if self.ids.is_empty() {
            // A client of the environment bounds a selection, but it is nothing that was asked for now.
            let selects = filters || self.client.client.is_some();
            return if selects || self.all { Ok(Named::Selection(Box::new(filter))) } else { Err(nothing_named()) };
        }
        if self.all || filters {
            let message = "give ids or a selection, not both";
            return Err(CommandError::message(ErrorKind::Usage, message));
        }
        words::expanded(self.ids, context).map(Named::Names)
    }

    /// The items of names, once the queue can be asked.
    pub(super) fn targets(
        &self,
        named: Named,
        context: &Context<'_>,
        store: &Store,
        several: Several,
    ) -> Result<Targets, CommandError> {
        match named {
            Named::Selection(filter) => Ok(Targets::Selection(filter)),
            Named::Names(names) => Ok(Targets::Ids(ranges(&names, self.client, context, store, several)?)),
        }
    }

    /// The selection of the filters.
    pub(super) fn filter(&self, context: &Context<'_>, client: Option<&ClientId>) -> Result<Filter, CommandError> {
        let common = self.filter;
        let time =
            |flag: &str, text: &Option<String>| text.as_ref().map(|text| context.time(flag, text, client)).transpose();
        let number = |text: &String| context.number_as_written("--phone", text, client);
        let statuses: Vec<Status> = common.status.iter().flat_map(|choice| choice.statuses()).collect();
        let or_held = common.status.contains(&StatusChoice::Held);
        Ok(Filter {
            client: client.cloned(),
            priorities: self.priorities.to_vec(),
            lead: common.lead.clone(),
            phone: self.phone.map(number).transpose()?,
            meta: self.meta.to_vec(),
            search: common.search.clone(),
            from: time("--from", &common.from)?,
            to: time("--to", &common.to)?,
            due_at: common.due.then(|| context.now()),
            held: common.held || (or_held && statuses.is_empty()),
            or_held: or_held && !statuses.is_empty() && !statuses.contains(&Status::Failed),
            statuses,
            reason: self.reason.cloned(),
            promised: common.callbacks,
            ids: Vec::new(),
        })
    }
}

/// The items that names mean, as ranges of ids.
pub(super) fn ranges(
    names: &[(String, IdArgument)],
    client: &Client,
    context: &Context<'_>,
    store: &Store,
    several: Several,
) -> Result<Vec<(ItemId, ItemId)>, CommandError> {
    let client = context.client(client)?;
    let look_up = Names { context, store, client: client.as_ref(), several };
    let mut ranges = Vec::new();
    for (place, name) in names {
        ranges.extend(look_up.ranges(place, name)?);
    }
    ranges.sort_unstable();
    ranges.dedup();
    Ok(ranges)
}

fn nothing_named() -> CommandError {
    CommandError::message(ErrorKind::Usage, "no item is named")
        .with_hint("give ids, a filter such as --status failed, or --all")
}
