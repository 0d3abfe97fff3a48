//! What `update`, `cancel` and `retry` have in common: offer each meant item to the verb, write all or nothing, tell.

use std::borrow::Cow;

use super::context::Context;
use super::names::Several;
use super::not_found::{matches_nothing, no_such_item};
use super::question::consents;
use super::shown_items::{show_few, show_items};
use super::targets::Selection;
use crate::cli::Consent;
use crate::error::{CommandError, ErrorKind};
use crate::model::{Item, ItemId};
use crate::output::with_commas;
use crate::store::{Access, Decision, Edit, Edited, Obstacles, Targets};

/// How a verb changes items.
pub(super) struct Verb<'a> {
    /// The word, such as `cancel`.
    pub(super) name: &'a str,
    /// The word for what was done, such as `cancelled`.
    pub(super) done: &'a str,
    /// Why, in the words of who does it.
    pub(super) reason: Option<&'a str>,
    /// Show what would change, and change nothing.
    pub(super) dry_run: bool,
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
    let named = meaning.named(context)?;
    let mut store = context.store(Access::Change)?;
    let client = meaning.known_client(context, &store)?;
    let targets = meaning.targets(named, context, &store, Several::One)?;
    if !verb.dry_run && !consents(context, &store, &targets, consent, verb.name)? {
        context.say(format_args!("nothing was changed"));
        return Ok(());
    }
    let by_id = matches!(targets, Targets::Ids(_));
    let actor = context.actor().clone();
    let edit = Edit { by: &actor, at: context.now(), reason: verb.reason };
    let mut rehearsed = Vec::new();
    let decide = |item: &Item, obstacles| {
        if by_id && client.as_ref().is_some_and(|client| *client != item.client) {
            return Decision::Abort(format!("it belongs to client {}", item.client));
        }
        match decide(item, obstacles) {
            EditDecision::Becomes(new) => {
                if verb.dry_run {
                    rehearsed.push(Item { updated_at: edit.at, ..(*new).clone() });
                }
                Decision::Write(new)
            }
            EditDecision::Refused(reason) if by_id => Decision::Abort(reason),
            EditDecision::Refused(reason) => Decision::LeaveOut(reason),
            EditDecision::Stops(reason) => Decision::Abort(reason),
        }
    };
    let edited =
        if verb.dry_run { store.rehearse(&targets, &edit, decide)? } else { store.edit(&targets, &edit, decide)? };
    match edited {
        Edited::NoItem(id) => Err(no_such_item(id, &store)),
        Edited::Aborted(id, reason) => Err(refused(verb, &format!("item {id}"), &reason)),
        Edited::Done { changed, left_out } if verb.dry_run => {
            let items = rehearsed.iter().map(|item| Ok(Cow::Borrowed(item)));
            let shown = |context: &mut Context<'_>| show_few(context, rehearsed.len(), items);
            report(context, verb, &changed, &left_out, shown)
        }
        Edited::Done { changed, left_out } => {
            let shown = |context: &mut Context<'_>| show_items(context, &store, &changed);
            report(context, verb, &changed, &left_out, shown)
        }
    }
}

fn report(
    context: &mut Context<'_>,
    verb: &Verb<'_>,
    changed: &[ItemId],
    left_out: &[(ItemId, String)],
    show: impl FnOnce(&mut Context<'_>) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    if let ([], [(id, reason), rest @ ..]) = (changed, left_out) {
        let others = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
        return Err(refused(verb, &format!("item {id}"), &format!("{reason}{others}")));
    }
    if changed.is_empty() {
        return Err(matches_nothing());
    }
    show(context)?;
    let count = |ids: usize| with_commas(ids as u64);
    let left = if left_out.is_empty() { String::new() } else { format!(", {} left out", count(left_out.len())) };
    let done = if verb.dry_run { format!("would be {}", verb.done) } else { verb.done.to_owned() };
    context.say(format_args!("{} {done}{left}", count(changed.len())));
    Ok(())
}

fn refused(verb: &Verb<'_>, what: &str, reason: &str) -> CommandError {
    let message = format!("cannot {} {what}: {reason}; nothing was changed", verb.name);
    CommandError::message(ErrorKind::Refused, message)
}
