//! `callq add`

use super::input;
use super::world::World;
use crate::cli::Add;
use crate::engine::item_next_call;
use crate::error::{CommandError, ErrorKind};
use crate::model::{Item, ItemId, Metadata};
use crate::output::view::{AddedView, ItemView};
use crate::scheduler::Policy;
use crate::store::{Access, Added, NewItem, Store};

pub(super) fn run(args: &Add, world: &mut World<'_>) -> Result<(), CommandError> {
    let client = world.required_client(&args.client)?;
    let policy = world.policy(&client)?;
    let new = new_item(args, &policy, world)?;
    let mut store = world.store(Access::Create)?;
    let actor = world.surroundings.actor.clone();
    let added = store.add(&client, &new, args.if_exists, &actor, world.now())?;
    let (id, existing) = match added {
        Added::New(id) | Added::Replaced(id) => (id, false),
        Added::Existing(id) => (id, true),
        Added::DuplicateLead(present) => return Err(duplicate(&present)),
        Added::KeyOfAnotherLead { item, lead } => {
            let key = new.key.as_ref().map(ToString::to_string).unwrap_or_default();
            let message = format!("key {key} names item {item} of another lead, {lead}");
            return Err(CommandError::message(ErrorKind::Refused, message));
        }
    };
    let item = stored(&store, id)?;
    let next_call_at = item_next_call(&world.settings()?.policies, &item, world.now());
    world.show(&AddedView { item: ItemView::new(&item, next_call_at), existing })
}

fn new_item(args: &Add, policy: &Policy, world: &World<'_>) -> Result<NewItem, CommandError> {
    let (now, zone) = (world.now(), &policy.hours.zone);
    let wanted = args.at.as_ref().map(|text| input::time("--at", text, zone, now)).transpose()?;
    let expires_at = args.expires.as_ref().map(|text| input::time("--expires", text, zone, now)).transpose()?;
    let zones = input::zones_argument(&args.timezone)?;
    let after = wanted.unwrap_or(now).max(now);
    let refused = |message: String| CommandError::message(ErrorKind::Refused, message);
    let (scheduled_at, status) = input::slot(policy, &zones, args.priority, after, now).map_err(refused)?;
    if args.strict && scheduled_at != after {
        let message = format!(
            "{} is outside of the windows: the next slot is {}",
            zone.format_local(after),
            zone.format_local(scheduled_at)
        );
        return Err(refused(message));
    }
    if let Some(expires_at) = expires_at.filter(|expires_at| scheduled_at >= *expires_at) {
        let message = format!(
            "it would expire at {} before its first slot, {}",
            zone.format_local(expires_at),
            zone.format_local(scheduled_at)
        );
        return Err(refused(message));
    }
    Ok(NewItem {
        lead: args.lead.clone(),
        key: args.key.clone(),
        priority: args.priority,
        status,
        scheduled_at,
        expires_at,
        max_retries: args.max_retries.unwrap_or(policy.retry.max_retries),
        phone: args.phone.as_ref().map(|text| input::phone(text, policy)).transpose()?,
        zones: input::zone_names(&zones),
        metadata: metadata(args.metadata.as_ref(), &args.meta)?,
    })
}

/// The metadata that `--metadata` and `--meta` give; a field of `--meta` comes last.
pub(super) fn metadata(
    object: Option<&Metadata>,
    fields: &[(String, String)],
) -> Result<Option<Metadata>, CommandError> {
    if fields.is_empty() {
        return Ok(object.cloned());
    }
    let usage = |error| CommandError::message(ErrorKind::Usage, format!("--meta: {error}"));
    let empty = || "{}".parse().map_err(usage);
    let object = object.map_or_else(empty, |object| Ok(object.clone()))?;
    object.with_fields(fields).map(Some).map_err(usage)
}

/// Reads back an item that was just written.
pub(super) fn stored(store: &Store, id: ItemId) -> Result<Item, CommandError> {
    store.item(id)?.ok_or_else(|| {
        CommandError::message(ErrorKind::NotFound, format!("item {id} was pruned; its key is still known"))
    })
}

fn duplicate(present: &Item) -> CommandError {
    let state = if present.held { "held".to_owned() } else { present.status.to_string() };
    let message =
        format!("lead {} of client {} is queued already: item {} is {state}", present.lead, present.client, present.id);
    let hint = if present.held {
        format!("`callq retry {0}` calls it again, `callq report {0}` tells how the call ended", present.id)
    } else if present.status.is_waiting() {
        "--if-exists skip leaves it, --if-exists replace changes it".to_owned()
    } else {
        "its call is in progress: wait for the outcome".to_owned()
    };
    CommandError::message(ErrorKind::Refused, message).with_hint(hint)
}
