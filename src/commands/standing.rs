//! Whether nobody is called at all: what `list`, `stats` and the dry run say beside their answer.

use std::collections::BTreeSet;

use super::context::Context;
use crate::error::CommandError;
use crate::model::{ClientId, DispatchKind, Format};
use crate::output::pause_words;
use crate::scheduler::Policy;
use crate::store::Store;

impl Context<'_> {
    /// Says for people when the client that is shown, or every client with waiting items, is paused or without a dispatcher.
    pub(super) fn say_standing(&mut self, client: Option<&ClientId>, store: &Store) -> Result<(), CommandError> {
        if self.format() != Format::Table || self.global.quiet {
            return Ok(());
        }
        if let Some(words) = standing(client, store, self)? {
            self.say(format_args!("{words}"));
        }
        Ok(())
    }
}

fn standing(client: Option<&ClientId>, store: &Store, context: &Context<'_>) -> Result<Option<String>, CommandError> {
    let settings = context.settings()?;
    let policies = &settings.policies;
    let has_dispatcher = |policy: &Policy| policy.dispatch.kind != DispatchKind::None;
    let pauses = store.pauses(context.now())?;
    if pauses.is_empty() && policies.all().all(|policy| has_dispatcher(policy)) {
        return Ok(None);
    }
    if let Some(of_all) = pauses.iter().find(|pause| pause.client.is_none() && pause.is_whole()) {
        let words = pause_words(of_all, &|at| policies.defaults().hours.zone.format_local(at));
        return Ok(Some(format!("Everything is paused {words}: callq resume")));
    }
    let queue = store.queue_facts(client)?;
    let waiting: BTreeSet<&ClientId> = queue
        .counts
        .iter()
        .filter(|((_, status, _), count)| status.is_waiting() && **count > 0)
        .map(|((name, ..), _)| name)
        .collect();
    let pause_of = |name: &ClientId| pauses.iter().find(|pause| pause.holds_all_of(name));
    let is_mute = |name: &ClientId| !has_dispatcher(policies.of(name));
    let Some(client) = client else {
        return Ok(of_many(&waiting, &|name| pause_of(name).is_some(), &is_mute).map(str::to_owned));
    };
    if let Some(pause) = pause_of(client) {
        let words = pause_words(pause, &|at| policies.of(client).hours.zone.format_local(at));
        return Ok(Some(format!("Client {client} is paused {words}: callq resume -c {client}")));
    }
    let is_said = is_mute(client) && waiting.contains(client);
    let words = || format!("Client {client} has no dispatcher: callq config set -c {client} dispatch.kind KIND");
    Ok(is_said.then(words))
}

/// What holds all of some clients.
fn of_many(
    waiting: &BTreeSet<&ClientId>,
    is_paused: &dyn Fn(&ClientId) -> bool,
    is_mute: &dyn Fn(&ClientId) -> bool,
) -> Option<&'static str> {
    let all = |holds: &dyn Fn(&ClientId) -> bool| !waiting.is_empty() && waiting.iter().all(|name| holds(name));
    if all(is_mute) {
        Some("No client with waiting items has a dispatcher: callq config set dispatch.kind KIND")
    } else if all(is_paused) {
        Some("Every client with waiting items is paused: callq status")
    } else {
        all(&|name| is_mute(name) || is_paused(name))
            .then_some("Every client with waiting items is paused or has no dispatcher: callq status")
    }
}
