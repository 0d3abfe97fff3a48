//! Which items a command means, from its names and filters.

use super::context::Context;
use super::names::{Names, Several};
use super::words;
use crate::cli::{Client, CommonFilter, Consent, Filters, IdArgument};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, ItemId, MetaTest, Priority, Status, StatusChoice};
use crate::output::{counted, visible, wrapped};
use crate::store::{Filter, Page, Store, Targets};

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

/// The fewest digits of a number that may be a phone number: a whole number is always read as an item id.
const LIKE_A_PHONE: u64 = 1_000_000;

/// The error of an id that names nothing.
pub(super) fn no_item(id: ItemId) -> CommandError {
    let hint = if id.get() < LIKE_A_PHONE {
        "`callq list --limit 0` shows every item".to_owned()
    } else {
        format!("a whole number is an item id: write phone:{id} or lead:{id}")
    };
    CommandError::message(ErrorKind::NotFound, format!("no item {id}")).with_hint(hint)
}

/// The same, with the lead of that name where there is one.
pub(super) fn no_such_item(id: ItemId, store: &Store) -> CommandError {
    let lead = Filter { lead: id.to_string().parse().ok(), ..Filter::default() };
    match store.page(&lead, Page { limit: 1, ..Page::WHOLE }) {
        Ok(found) if !found.is_empty() => no_item(id).with_hint(format!("lead {id} has items: write lead:{id}")),
        // The message says that no item has the id, even if the lead cannot be looked up.
        _ => no_item(id),
    }
}

/// The error of a selection that has no item.
pub(super) fn matches_nothing() -> CommandError {
    CommandError::message(ErrorKind::NotFound, "no items match").with_hint("try the same filters with `callq list`")
}

/// The leads that the question names.
const SAMPLE: usize = 3;

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
    let of = filter.client.as_ref().map_or_else(|| "of all clients".to_owned(), |client| format!("of client {client}"));
    let first = store.page(filter, Page { limit: SAMPLE, ..Page::WHOLE })?;
    let mut leads: Vec<String> = first.iter().map(|item| visible(item.lead.as_str()).into_owned()).collect();
    if count > SAMPLE as u64 {
        leads.push("…".to_owned());
    }
    ask(context, &format!("{verb} {} {of} ({})?", counted(count, "item"), leads.join(", ")))
}

/// Asks the person at the terminal.
pub(super) fn ask(context: &mut Context<'_>, question: &str) -> Result<bool, CommandError> {
    let style = context.talk_style();
    let _ = write!(context.err, "{}", wrapped(&format!("{question} [y/N] "), style));
    let _ = context.err.flush();
    let mut answer = String::new();
    (context.stdin)()
        .read_line(&mut answer)
        .map_err(|error| CommandError::message(ErrorKind::Failed, format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
