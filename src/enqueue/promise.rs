//! What an item becomes when its person is promised a call: `callback`.

use chrono::{DateTime, TimeDelta, Utc};

use super::planner::Planner;
use super::refusal::Refusal;
use crate::model::{Event, Item, Priority, Promise, PromiseClock, Status};
use crate::scheduler::{LegalPlace, lead_zones, readings, windows};
use crate::store::Obstacles;

/// What is promised.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PromiseTerms<'a> {
    /// The instant as it was written.
    pub at: &'a str,
    pub clock: PromiseClock,
    /// How long the call comes before every other one.
    pub window: TimeDelta,
    /// A time outside of the hours becomes the next one inside.
    pub moves: bool,
}

/// An item with its promise.
#[derive(Debug, Clone)]
pub(crate) struct Promised {
    pub item: Item,
    /// The instant that was asked for.
    pub asked: DateTime<Utc>,
}

/// So far back an end of the hours is looked for.
const LOOK_BACK: TimeDelta = TimeDelta::days(7);

impl Planner<'_> {
    /// An item whose next call is promised, in the hours of `urgent`. One that ended is sent again with at least one more
    /// attempt.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn promise(
        &mut self,
        item: &Item,
        obstacles: Obstacles,
        terms: &PromiseTerms<'_>,
    ) -> Result<Promised, Refusal> {
        let event = |status| match item.status.is_finished() {
            true => Event::CalledBack(status),
            false => Event::Edited(status),
        };
        Refusal::of_obstacles(obstacles)?;
        let asked = self.promised_instant(item, terms)?;
        item.status.after(event(Status::Pending))?;
        if asked < self.now {
            return Err(Refusal::PromisedPast(self.local(asked)));
        }
        let place = self.places.of_item(item)?;
        let (at, status) = self.slot(&place, Priority::Urgent, asked)?;
        if at != asked && !terms.moves {
            return Err(self.not_open(place.legal(), asked, at));
        }
        self.lives_until(at, item.expires_at)?;
        // An ended item has used its retries, and gets one more.
        let least_retries = if item.status.is_finished() { item.counted_attempts } else { 0 };
        let item = Item {
            status: item.status.after(event(status))?,
            held: false,
            scheduled_at: at,
            promise: Some(Promise::of(at, terms.window)),
            not_before: None,
            max_retries: item.max_retries.max(least_retries),
            place: place.place().clone(),
            ..item.clone()
        };
        Ok(Promised { item, asked })
    }

    /// The instant that is promised, on the clock that was asked for.
    fn promised_instant(&self, item: &Item, terms: &PromiseTerms<'_>) -> Result<DateTime<Utc>, Refusal> {
        let zones = match terms.clock {
            PromiseClock::Client => Vec::new(),
            PromiseClock::Lead => lead_zones(&item.place.zones)?,
        };
        let readings = readings(terms.at, &zones, &self.policy.hours.zone, self.now)?;
        let mut instants = readings.keys();
        if let (Some(at), None) = (instants.next(), instants.next()) {
            return Ok(*at);
        }
        let readings = readings.iter().map(|(at, zone)| format!("{} on the clock of {zone}", self.local(*at)));
        let readings = readings.collect::<Vec<_>>().join(" or ");
        Err(Refusal::SeveralInstants { written: terms.at.to_owned(), readings })
    }

    /// That no call can be promised for an instant, with the nearest times that are open; `next` is the one after it.
    pub(super) fn not_open(&self, place: &LegalPlace, wanted: DateTime<Utc>, next: DateTime<Utc>) -> Refusal {
        let from = self.now.max(wanted.checked_sub_signed(LOOK_BACK).unwrap_or(self.now));
        let last = windows(&self.policy.hours, place, Priority::Urgent, from, wanted).last();
        let end = last.map(|window| format!("end {} and ", self.local(window.end))).unwrap_or_default();
        let nearest = format!("{end}open {}", self.local(next));
        Refusal::NotOpen { wanted: self.local(wanted), nearest }
    }
}
