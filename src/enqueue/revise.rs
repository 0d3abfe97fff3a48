//! What a waiting item becomes by a later request: `update`, and `--if-exists replace`. What is not given stays.

use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::place_slots::{GivenZones, PlaceSlots, known_region};
use super::planner::Planner;
use super::refusal::Refusal;
use super::requested_call::RequestedCall;
use crate::compliance::Region;
use crate::model::{Event, Expiry, IfExists, Item, Promise, Status};

/// A waiting item that was changed.
#[derive(Debug, Clone)]
pub(crate) struct Revised {
    pub item: Item,
    /// Whether the instant that was given lies in no window, so that its slot is a later one.
    pub is_moved: bool,
    /// Its next call, if the change searched for it.
    pub next_call_at: Option<DateTime<Utc>>,
}

impl Planner<'_> {
    /// What the present item of a lead becomes; nothing when it is to stay as it is. Only a waiting one is replaced.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn replace(
        &mut self,
        if_exists: IfExists,
        present: &Item,
        call: &RequestedCall,
    ) -> Result<Option<Revised>, Refusal> {
        let is_replaced = if_exists == IfExists::Replace && present.status.is_waiting();
        is_replaced.then(|| self.revise(present, call)).transpose()
    }

    /// What a waiting item becomes.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn revise(&mut self, item: &Item, call: &RequestedCall) -> Result<Revised, Refusal> {
        item.status.after(Event::Edited(Status::Pending))?;
        // A waiting item has an attempt before it, and every attempt after the first is a retry.
        if call.max_retries.is_some_and(|allowed| allowed < item.counted_attempts) {
            return Err(Refusal::RetriesUsed(item.counted_attempts));
        }
        let region = item.region.as_ref().map(known_region).transpose()?;
        let place = self.place_over(item, region, call)?;
        // Given zones are searched anew also when they stay the same: who writes them wants the first slot in them.
        let changes_zones = !call.timezones.is_empty() || place.place().zones != item.place.zones;
        let mut new = Item {
            key: call.key.clone().or_else(|| item.key.clone()),
            priority: call.priority.unwrap_or(item.priority),
            max_retries: call.max_retries.unwrap_or(item.max_retries),
            phone: call.phone.over(item.phone.clone()),
            region: call.region.over(region).and_then(|region| region.as_str().parse().ok()),
            place: place.place().clone(),
            metadata: call.metadata_over(item.metadata.as_ref())?,
            expires_at: call.expires.map_or(item.expires_at, Expiry::at),
            // Another time ends a promise, and may be one.
            promise: match call.at {
                Some(_) if call.promised => Some(Promise::of(call.start, Promise::USUAL_WINDOW)),
                Some(_) => None,
                None => item.promise,
            },
            ..item.clone()
        };
        let mut next_call_at = None;
        if call.at.is_some() || call.priority.is_some() || changes_zones {
            let slot = self.move_to_slot(&mut new, item, call, &place)?;
            next_call_at = Some(slot).filter(|slot| new.not_before.is_none_or(|not_before| not_before <= *slot));
        }
        let is_moved = call.is_moved_to(new.scheduled_at);
        if call.promised && is_moved {
            return Err(self.not_open(place.legal(), call.start, new.scheduled_at));
        }
        if call.at.is_none()
            && new.scheduled_at != item.scheduled_at
            && let Some(promise) = &mut new.promise
        {
            *promise = Promise::of(new.scheduled_at, promise.until - item.scheduled_at);
        }
        if call.strict && is_moved {
            let (wanted, slot) = (self.local(call.start), self.local(new.scheduled_at));
            return Err(Refusal::Outside { wanted, slot });
        }
        self.lives_until(new.scheduled_at.max(self.now), new.expires_at)?;
        Ok(Revised { item: new, is_moved, next_call_at })
    }

    /// The place of an item after a request.
    fn place_over(
        &mut self,
        item: &Item,
        region: Option<Region>,
        call: &RequestedCall,
    ) -> Result<Rc<PlaceSlots>, Refusal> {
        let phone = call.phone.over(item.phone.clone());
        let zones = match call.timezones.as_slice() {
            [] => GivenZones::Kept(item.timezones().to_vec()),
            written => GivenZones::Written(written.to_vec()),
        };
        self.places.of(phone.as_ref(), call.region.over(region), zones)
    }

    /// Gives an item its slot by its new terms, and says which it is.
    fn move_to_slot(
        &self,
        new: &mut Item,
        item: &Item,
        call: &RequestedCall,
        place: &PlaceSlots,
    ) -> Result<DateTime<Utc>, Refusal> {
        let after = if call.at.is_some() { call.start } else { item.scheduled_at.max(self.now) };
        let (slot, status) = self.slot(place, new.hours_priority(), after)?;
        // A due item keeps the time since which it waits, and with it its place in the order.
        let is_still_due = call.at.is_none() && item.scheduled_at <= self.now && slot == self.now;
        new.scheduled_at = if is_still_due { item.scheduled_at } else { slot };
        let asked = if call.at.is_some() { call.asked } else { item.asked_at.unwrap_or(item.scheduled_at) };
        new.asked_at = Some(asked).filter(|asked| *asked != new.scheduled_at);
        new.status = item.status.after(Event::Edited(status))?;
        if call.at.is_some() {
            new.not_before = None;
        }
        Ok(slot)
    }
}
