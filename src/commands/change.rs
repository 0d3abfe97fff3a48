//! What `update`, `cancel` and `retry` have in common: offer each meant item to the verb, write all or nothing, tell.

use super::context::Context;
use super::context::output_failed;
use super::targets::{Selection, consents, matches_nothing, no_item};
use crate::cli::Consent;
use crate::contract::ItemView;
use crate::error::{CommandError, ErrorKind};
use crate::model::{Format, Item, ItemId};
use crate::output::with_commas;
use crate::query::NextCalls;
use crate::store::{Access, Decision, Edit, Edited, Obstacles, Store, Targets};

/// How a verb changes items.
pub(super) struct Verb<'a> {
    /// The word, such as `cancel`.
    pub(super) name: &'a str,
    /// The word for what was done, such as `cancelled`.
    pub(super) done: &'a str,
    /// Why, in the words of who does it.
    pub(super) reason: Option<&'a str>,
}

/// What the verb says to one item.
pub(super) enum EditDecision {
    Becomes(Box<Item>),
    /// It cannot be changed; a selection leaves it out.
    Refused(String),
    /// It cannot be changed, and nothing else is either.
    Stops(String),
}

/// Changes the meant items and shows them as they are now. With ids all must be allowed; a selection leaves out what
/// the verb may not change. `decide` is given each item, and what keeps it from being sent again if it is not live.
pub(super) fn change(
    context: &mut Context<'_>,
    meaning: &Selection<'_>,
    consent: Consent,
    verb: &Verb<'_>,
    mut decide: impl FnMut(&Item, Obstacles) -> EditDecision,
) -> Result<(), CommandError> {
    let targets = meaning.targets(context)?;
    let mut store = context.store(Access::Change)?;
    let client = meaning.known_client(context, &store)?;
    if !consents(context, &store, &targets, consent, verb.name)? {
        context.say(format_args!("nothing was changed"));
        return Ok(());
    }
    let by_id = matches!(targets, Targets::Ids(_));
    let actor = context.surroundings.actor.clone();
    let edit = Edit { by: &actor, at: context.now(), reason: verb.reason };
    let edited = store.edit(&targets, &edit, |item, obstacles| {
        if by_id && client.as_ref().is_some_and(|client| *client != item.client) {
            return Decision::Abort(format!("it belongs to client {}", item.client));
        }
        match decide(item, obstacles) {
            EditDecision::Becomes(new) => Decision::Write(new),
            EditDecision::Refused(reason) if by_id => Decision::Abort(reason),
            EditDecision::Refused(reason) => Decision::LeaveOut(reason),
            EditDecision::Stops(reason) => Decision::Abort(reason),
        }
    })?;
    match edited {
        Edited::NoItem(id) => Err(no_item(id)),
        Edited::Aborted(id, reason) => Err(refused(verb, &format!("item {id}"), &reason)),
        Edited::Done { changed, left_out } => report(context, &store, verb, &changed, &left_out),
    }
}

fn report(
    context: &mut Context<'_>,
    store: &Store,
    verb: &Verb<'_>,
    changed: &[ItemId],
    left_out: &[(ItemId, String)],
) -> Result<(), CommandError> {
    if let ([], [(id, reason), rest @ ..]) = (changed, left_out) {
        let others = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
        return Err(refused(verb, &format!("item {id}"), &format!("{reason}{others}")));
    }
    if changed.is_empty() {
        return Err(matches_nothing());
    }
    show_items(context, store, changed)?;
    let count = |ids: usize| with_commas(ids as u64);
    let left = if left_out.is_empty() { String::new() } else { format!(", {} left out", count(left_out.len())) };
    context.say(format_args!("{} {}{left}", count(changed.len()), verb.done));
    Ok(())
}

fn refused(verb: &Verb<'_>, what: &str, reason: &str) -> CommandError {
    let message = format!("cannot {} {what}: {reason}; nothing was changed", verb.name);
    CommandError::message(ErrorKind::Refused, message)
}

/// A person at a terminal is shown so many of the items that were changed, and told of the others.
const ENOUGH_ITEMS: usize = 50;

/// Shows the items of these ids.
pub(super) fn show_items(context: &mut Context<'_>, store: &Store, ids: &[ItemId]) -> Result<(), CommandError> {
    let (settings, now) = (context.settings()?, context.now());
    let is_read_by_a_person = context.format() == Format::Table && context.style().terminal;
    let shown = if is_read_by_a_person { ids.len().min(ENOUGH_ITEMS) } else { ids.len() };
    let mut next_calls = NextCalls::new(&settings.policies, now);
    context.show_items(None, |writer| {
        for id in ids.iter().take(shown) {
            let Some(item) = store.item(*id)? else { continue };
            writer.write(&ItemView::new(&item, next_calls.of(&item))).map_err(output_failed)?;
        }
        Ok(())
    })?;
    if shown < ids.len() {
        context.say(format_args!("showing {shown} of {}", with_commas(ids.len() as u64)));
    }
    Ok(())
}
