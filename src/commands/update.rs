//! `callq update`

use chrono::{DateTime, Utc};

use super::change::{Verb, Verdict, change};
use super::input;
use super::revision::{Expiry, Revision, revised};
use super::targets::Meaning;
use super::world::World;
use crate::cli::Update;
use crate::config::Settings;
use crate::error::{CommandError, ErrorKind};
use crate::model::{Item, Metadata, PhoneError, PhoneNumber};
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
    let (mut moved, mut later) = (0_u64, 0_u64);
    change(world, &meaning, args.consent, &verb, |item, _| match changed(item, args, &zones, &settings, now) {
        Ok((new, is_moved)) => {
            moved += u64::from(is_moved);
            later += u64::from(args.at.is_none() && new.scheduled_at > item.scheduled_at);
            Verdict::Becomes(Box::new(new))
        }
        Err(message) => Verdict::Refused(message),
    })?;
    if later > 0 {
        world.say(format_args!("{later} moved to a later slot, in other hours: --at now asks for the first one"));
    }
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
    let policy = settings.policies.of(&item.client);
    let zone = &policy.hours.zone;
    let time = |text: &String| parse_time(text, zone, now).map_err(|error| error.to_string());
    let phone = args.phone.as_ref().map(|text| PhoneNumber::parse(text, policy.country_code.as_deref())).transpose();
    let expires = match &args.expires {
        Some(text) if text == NEVER => Some(Expiry::Never),
        Some(text) => Some(Expiry::At(time(text)?)),
        None => None,
    };
    let given = Revision {
        priority: args.priority,
        at: args.at.as_ref().map(time).transpose()?,
        expires,
        max_retries: args.max_retries,
        phone: phone.map_err(|error| error.to_string())?,
        zones: zones.to_vec(),
        metadata: metadata(item, args)?,
        key: None,
    };
    revised(item, given, policy, now)
}

fn metadata(item: &Item, args: &Update) -> Result<Option<Metadata>, String> {
    let object = args.metadata.as_ref().or(item.metadata.as_ref());
    super::add::metadata(object, &args.meta).map_err(|error| error.to_string())
}
