//! `callq update`

use chrono::{DateTime, Utc};

use super::change::{Verb, Verdict, change};
use super::input;
use super::targets::Meaning;
use super::world::World;
use crate::cli::Update;
use crate::config::Settings;
use crate::engine::lead_zones;
use crate::error::{CommandError, ErrorKind};
use crate::model::{Event, Item, Metadata, PhoneError, PhoneNumber, Status};
use crate::scheduler::{TimeInputError, Zone, parse_time};

pub(super) fn run(args: &Update, world: &mut World<'_>) -> Result<(), CommandError> {
    let meaning = Meaning {
        ids: &args.ids,
        client: &args.client,
        filter: &args.filter,
        priorities: &args.with_priority,
        reason: args.reason.reason.as_ref(),
        all: args.consent.all,
    };
    if changes_nothing(args) {
        return Err(CommandError::message(ErrorKind::Usage, "no change is given").with_hint("callq update --help"));
    }
    check_times(args, world)?;
    let zones = input::zones_argument(&args.timezone)?;
    let (settings, now) = (world.settings()?, world.now());
    let verb = Verb { name: "update", done: "updated", reason: None };
    let mut moved = 0_u64;
    change(world, &meaning, args.consent, &verb, |item, _| match changed(item, args, &zones, &settings, now) {
        Ok((item, is_moved)) => {
            moved += u64::from(is_moved);
            Verdict::Becomes(Box::new(item))
        }
        Err(message) => Verdict::Refused(message),
    })?;
    if moved > 0 {
        world.say(format_args!("{moved} moved to the next slot: --at is outside of the windows"));
    }
    Ok(())
}

fn changes_nothing(args: &Update) -> bool {
    args.priority.is_none()
        && args.at.is_none()
        && args.expires.is_none()
        && args.max_retries.is_none()
        && args.phone.is_none()
        && args.timezone.is_empty()
        && args.meta.is_empty()
        && args.metadata.is_none()
}

/// The word of `--expires` that takes the limit away.
const NEVER: &str = "never";

/// Times that no zone could read are usage errors, before any item is looked at.
fn check_times(args: &Update, world: &World<'_>) -> Result<(), CommandError> {
    let expires = args.expires.as_ref().filter(|text| *text != NEVER);
    for (flag, text) in [("--at", args.at.as_ref()), ("--expires", expires)] {
        if let Some(text) = text {
            // Whether a clock change skips or repeats it, only the zone of the item's client tells.
            let read = parse_time(text, &world.zone(None)?, world.now());
            if let Err(error @ TimeInputError::Shape(_)) = read {
                return Err(CommandError::message(ErrorKind::Usage, format!("{flag}: {error}")));
            }
        }
    }
    if let Some(text) = &args.phone
        && let Err(error @ PhoneError::Invalid(_)) = PhoneNumber::parse(text, Some("1"))
    {
        return Err(CommandError::message(ErrorKind::Usage, format!("--phone: {error}")));
    }
    Ok(())
}

/// The item with the changes, each read by its client's policy, and whether `--at` was moved into a window.
fn changed(
    item: &Item,
    args: &Update,
    zones: &[Zone],
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<(Item, bool), String> {
    item.status.after(Event::Edited(Status::Pending)).map_err(|refusal| refusal.to_string())?;
    let policy = settings.policies.of(&item.client);
    let zone = &policy.hours.zone;
    let time = |text: &String| parse_time(text, zone, now).map_err(|error| error.to_string());
    let mut new = item.clone();
    let mut moved = false;
    new.priority = args.priority.unwrap_or(item.priority);
    if let Some(max_retries) = args.max_retries {
        // A waiting item has an attempt before it, and every attempt after the first is a retry.
        if max_retries < item.tries {
            return Err(format!("its next call is retry {}: allow as many, or `callq cancel` it", item.tries));
        }
        new.max_retries = max_retries;
    }
    if let Some(text) = &args.phone {
        let phone = PhoneNumber::parse(text, policy.country_code.as_deref()).map_err(|error| error.to_string())?;
        new.phone = Some(phone);
    }
    if !zones.is_empty() {
        new.zones = input::zone_names(zones);
    }
    new.metadata = metadata(item, args)?;
    match args.expires.as_deref() {
        Some(NEVER) => new.expires_at = None,
        Some(_) => new.expires_at = args.expires.as_ref().map(time).transpose()?,
        None => {}
    }
    if args.at.is_some() || args.priority.is_some() || !zones.is_empty() {
        let wanted = args.at.as_ref().map(time).transpose()?.unwrap_or(item.scheduled_at);
        let zones = lead_zones(&new.zones).map_err(|error| error.to_string())?;
        // A due item keeps the time since which it waits, and with it its place in the order.
        let still_due = args.at.is_none() && item.scheduled_at <= now;
        let (slot, status) = input::slot(policy, &zones, new.priority, wanted.max(now), now)?;
        new.scheduled_at = if still_due && slot == now { item.scheduled_at } else { slot };
        new.status = item.status.after(Event::Edited(status)).map_err(|refusal| refusal.to_string())?;
        if args.at.is_some() {
            moved = slot != wanted.max(now);
            new.not_before = None;
        }
    }
    if let Some(expires_at) = new.expires_at.filter(|expires_at| *expires_at <= new.scheduled_at.max(now)) {
        return Err(format!("it would expire at {} before it can be called", zone.format_local(expires_at)));
    }
    Ok((new, moved))
}

fn metadata(item: &Item, args: &Update) -> Result<Option<Metadata>, String> {
    let object = args.metadata.as_ref().or(item.metadata.as_ref());
    super::add::metadata(object, &args.meta).map_err(|error| error.to_string())
}
