//! `callq add`

use chrono::{DateTime, Utc};

use super::input;
use super::new_client;
use super::revision::{Expiry, Revision, is_replaced, revised};
use super::world::World;
use crate::cli::Add;
use crate::contract::{AddedView, ItemView, PrunedView};
use crate::error::{CommandError, ErrorKind};
use crate::model::{IfExists, Item, ItemId, ItemKey, Metadata, PhoneNumber};
use crate::query::item_next_call;
use crate::scheduler::{Policy, Zone};
use crate::store::{Access, Added, NewItem, Store};

pub(super) fn run(args: &Add, world: &mut World<'_>) -> Result<(), CommandError> {
    let client = world.required_client(&args.client)?;
    let policy = world.policy(&client)?;
    let wish = Wish::read(args, &policy, world.now())?;
    if let Some(key) = &args.key
        && let Some(store) = world.present_store()?
        && let Some(known) = store.known_key(&client, key, &args.lead)?
    {
        // Before any rule is asked: a request that is repeated later may not be allowed any more.
        return tell(args, world, &store, known);
    }
    let new = new_item(args, &policy, &wish, world.now())?;
    let mut store = world.store(Access::Create)?;
    new_client::note(&client, Some(&store), world)?;
    let actor = world.surroundings.actor.clone();
    let mut is_moved = args.at.is_some() && new.scheduled_at != wish.after;
    let now = world.now();
    let mut revise = |present: &Item| {
        if !is_replaced(args.if_exists, present) {
            return Ok(None);
        }
        let (revised, moved) = wish.revised(present, args, &policy, now)?;
        is_moved = moved;
        Ok(Some(Box::new(revised)))
    };
    let added = store.add(&client, &new, &mut revise, &actor, now)?;
    let is_new = matches!(added, Added::New(_));
    world.warn_without_phone(&policy, &client, u64::from(is_new && new.phone.is_none()));
    if is_moved && (is_new || matches!(added, Added::Replaced(_))) {
        let wanted = policy.hours.zone.format_local(wish.after);
        world.say(format_args!("{wanted} is outside of the windows: moved to the next slot"));
    }
    tell(args, world, &store, added)
}

/// Shows the item, or why there is none.
fn tell(args: &Add, world: &mut World<'_>, store: &Store, added: Added) -> Result<(), CommandError> {
    let (id, existing) = match added {
        Added::New(id) | Added::Replaced(id) => (id, false),
        Added::Existing(id) => (id, true),
        Added::DuplicateLead(present) if args.if_exists == IfExists::Skip => (present.id, true),
        Added::DuplicateLead(present) => return Err(duplicate(&present)),
        Added::Irreplaceable(why) => return Err(refused(why)),
        Added::KeyOfAnotherLead { item, lead } => {
            let key = args.key.as_ref().map(ToString::to_string).unwrap_or_default();
            return Err(refused(format!("key {key} names item {item} of another lead, {lead}")));
        }
    };
    let Some(item) = store.item(id)? else { return tell_pruned(args, world, id) };
    let next_call_at = item_next_call(&world.settings()?.policies, &item, world.now());
    world.show(&AddedView { item: ItemView::new(&item, next_call_at), existing })
}

/// Shows what is left of an item that was pruned: the key under which it was found.
fn tell_pruned(args: &Add, world: &mut World<'_>, id: ItemId) -> Result<(), CommandError> {
    let client = world.required_client(&args.client)?;
    let key = args.key.as_ref().map(ItemKey::as_str).unwrap_or_default();
    let view = PrunedView { id: id.get(), key, client_id: client.as_str(), lead_id: args.lead.as_str() };
    world.show(&view)
}

/// The arguments that only the client's policy can read.
struct Wish {
    /// The earliest time, not before now.
    after: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    zones: Vec<Zone>,
    phone: Option<PhoneNumber>,
    metadata: Option<Metadata>,
}

impl Wish {
    fn read(args: &Add, policy: &Policy, now: DateTime<Utc>) -> Result<Wish, CommandError> {
        let zone = &policy.hours.zone;
        let time = |flag: &str, text: &Option<String>| {
            text.as_ref().map(|text| input::time(flag, text, zone, now)).transpose()
        };
        Ok(Wish {
            after: time("--at", &args.at)?.unwrap_or(now).max(now),
            expires_at: time("--expires", &args.expires)?,
            zones: input::zones_argument(&args.timezone)?,
            phone: args.phone.as_ref().map(|text| input::phone(text, policy)).transpose()?,
            metadata: metadata(args.metadata.as_ref(), &args.meta)?,
        })
    }

    /// What the waiting item of the lead becomes: only what is given changes.
    fn revised(&self, present: &Item, args: &Add, policy: &Policy, now: DateTime<Utc>) -> Result<(Item, bool), String> {
        let object = args.metadata.as_ref().or(present.metadata.as_ref());
        let given = Revision {
            priority: args.priority,
            at: args.at.as_ref().map(|_| self.after),
            expires: self.expires_at.map(Expiry::At),
            max_retries: args.max_retries,
            phone: self.phone.clone(),
            zones: self.zones.clone(),
            metadata: metadata(object, &args.meta).map_err(|error| error.to_string())?,
            key: args.key.clone(),
        };
        let (revised, is_moved) = revised(present, given, policy, now)?;
        if args.strict && is_moved {
            return Err(outside(&policy.hours.zone, self.after, revised.scheduled_at));
        }
        Ok((revised, is_moved))
    }
}

fn outside(zone: &Zone, wanted: DateTime<Utc>, slot: DateTime<Utc>) -> String {
    let (wanted, slot) = (zone.format_local(wanted), zone.format_local(slot));
    format!("{wanted} is outside of the windows: the next slot is {slot}")
}

fn new_item(args: &Add, policy: &Policy, wish: &Wish, now: DateTime<Utc>) -> Result<NewItem, CommandError> {
    let (zone, priority) = (&policy.hours.zone, args.priority.unwrap_or_default());
    let (scheduled_at, status) = input::slot(policy, &wish.zones, priority, wish.after, now).map_err(refused)?;
    if args.strict && scheduled_at != wish.after {
        return Err(refused(outside(zone, wish.after, scheduled_at)));
    }
    if let Some(expires_at) = wish.expires_at.filter(|expires_at| scheduled_at >= *expires_at) {
        return Err(refused(format!(
            "it would expire at {}, and its first slot is {}",
            zone.format_local(expires_at),
            zone.format_local(scheduled_at)
        )));
    }
    Ok(NewItem {
        lead: args.lead.clone(),
        key: args.key.clone(),
        priority,
        status,
        scheduled_at,
        expires_at: wish.expires_at,
        max_retries: args.max_retries.unwrap_or(policy.retry.max_retries),
        phone: wish.phone.clone(),
        zones: input::zone_names(&wish.zones),
        metadata: wish.metadata.clone(),
    })
}

fn refused(message: String) -> CommandError {
    CommandError::message(ErrorKind::Refused, message)
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
