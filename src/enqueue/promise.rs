//! What an item becomes when its person is promised a call: `callback`.

use chrono::{DateTime, TimeDelta, Utc};

use super::planner::Planner;
use super::refusal::Refusal;
use crate::model::{Event, Item, Priority, Promise, Status};
use crate::scheduler::{LegalPlace, windows};

/// What is promised.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PromiseTerms {
    pub at: DateTime<Utc>,
    /// How long the call comes before every other one.
    pub window: TimeDelta,
    /// A time outside of the hours becomes the next one inside.
    pub moves: bool,
}

/// So far back an end of the hours is looked for.
const LOOK_BACK: TimeDelta = TimeDelta::days(7);

impl Planner<'_> {
    /// An item whose next call is promised, in the hours of `urgent`. One that ended is sent again with at least one more
    /// attempt.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn promise(&mut self, item: &Item, terms: PromiseTerms) -> Result<Item, Refusal> {
        let event = |status| match item.status.is_finished() {
            true => Event::CalledBack(status),
            false => Event::Edited(status),
        };
        item.status.after(event(Status::Pending))?;
        if terms.at < self.now {
            return Err(Refusal::PromisedPast(self.local(terms.at)));
        }
        let place = self.places.of_item(item)?;
        let (at, status) = self.slot(&place, Priority::Urgent, terms.at)?;
        if at != terms.at && !terms.moves {
            return Err(self.not_open(place.legal(), terms.at, at));
        }
        self.lives_until(at, item.expires_at)?;
        // An ended item has used its retries, and gets one more.
        let least_retries = if item.status.is_finished() { item.counted_attempts } else { 0 };
        Ok(Item {
            status: item.status.after(event(status))?,
            held: false,
            scheduled_at: at,
            promise: Some(Promise::of(at, terms.window)),
            not_before: None,
            max_retries: item.max_retries.max(least_retries),
            place: place.place().clone(),
            ..item.clone()
        })
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
