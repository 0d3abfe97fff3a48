//! What becomes of a waiting item when part of it is given anew: `update`, and `--if-exists replace`.

use chrono::{DateTime, Utc};

use super::input;
use crate::gates::lead_zones;
use crate::model::{Event, IfExists, Item, ItemKey, Metadata, PhoneNumber, Priority, Status};
use crate::scheduler::{Policy, Zone};

/// What is given anew. All else stays as it is.
#[derive(Debug, Default)]
pub(super) struct Revision {
    pub(super) priority: Option<Priority>,
    /// Not before this instant.
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) expires: Option<Expiry>,
    pub(super) max_retries: Option<u32>,
    pub(super) phone: Option<PhoneNumber>,
    /// All zones of the lead; empty when none is given.
    pub(super) zones: Vec<Zone>,
    /// The whole metadata.
    pub(super) metadata: Option<Metadata>,
    pub(super) key: Option<ItemKey>,
}

/// How long an item may wait.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expiry {
    Never,
    At(DateTime<Utc>),
}

/// Whether the present item of a lead is replaced: only one that waits is.
pub(super) fn is_replaced(if_exists: IfExists, present: &Item) -> bool {
    if_exists == IfExists::Replace && present.status.is_waiting()
}

/// The item with what is given, and whether `at` was moved into a window; else why it cannot be.
pub(super) fn revised(
    item: &Item,
    given: Revision,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Item, bool), String> {
    item.status.after(Event::Edited(Status::Pending)).map_err(|refusal| refusal.to_string())?;
    let mut new = item.clone();
    new.priority = given.priority.unwrap_or(item.priority);
    if let Some(max_retries) = given.max_retries {
        // A waiting item has an attempt before it, and every attempt after the first is a retry.
        if max_retries < item.tries {
            return Err(format!("its next call is retry {}: allow as many, or `callq cancel` it", item.tries));
        }
        new.max_retries = max_retries;
    }
    new.phone = given.phone.or(new.phone);
    new.metadata = given.metadata.or(new.metadata);
    new.key = given.key.or(new.key);
    if !given.zones.is_empty() {
        new.zones = input::zone_names(&given.zones);
    }
    match given.expires {
        Some(Expiry::Never) => new.expires_at = None,
        Some(Expiry::At(instant)) => new.expires_at = Some(instant),
        None => {}
    }
    let mut moved = false;
    if given.at.is_some() || given.priority.is_some() || !given.zones.is_empty() {
        let wanted = given.at.unwrap_or(item.scheduled_at);
        let zones = lead_zones(&new.zones).map_err(|error| error.to_string())?;
        // A due item keeps the time since which it waits, and with it its place in the order.
        let still_due = given.at.is_none() && item.scheduled_at <= now;
        let (slot, status) = input::slot(policy, &zones, new.priority, wanted.max(now), now)?;
        new.scheduled_at = if still_due && slot == now { item.scheduled_at } else { slot };
        new.status = item.status.after(Event::Edited(status)).map_err(|refusal| refusal.to_string())?;
        if given.at.is_some() {
            moved = slot != wanted.max(now);
            new.not_before = None;
        }
    }
    if let Some(expires_at) = new.expires_at.filter(|expires_at| *expires_at <= new.scheduled_at.max(now)) {
        let zone = &policy.hours.zone;
        return Err(format!("it would expire at {} before it can be called", zone.format_local(expires_at)));
    }
    Ok((new, moved))
}
