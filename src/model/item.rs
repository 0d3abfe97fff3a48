//! An item: one request to call a lead.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    ClientId, Gate, ItemId, ItemKey, LeadId, LeadPlace, Metadata, PhoneNumber, Priority, RegionCode, Status, ZoneName,
};

/// One request to call a lead: a row of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: ItemId,
    /// The caller's own name of it.
    pub key: Option<ItemKey>,
    /// On whose behalf the call is placed.
    pub client: ClientId,
    pub lead: LeadId,
    /// How pressing it is.
    pub priority: Priority,
    pub status: Status,
    /// Failed because nobody can know whether the last call took place.
    pub held: bool,
    /// The earliest instant at which it may be called; in a window when it was written.
    pub scheduled_at: DateTime<Utc>,
    /// The instant that was asked for, where the slot is another one; of a retry its due time.
    pub asked_at: Option<DateTime<Utc>>,
    /// Its next call is promised for `scheduled_at`.
    pub promise: Option<Promise>,
    /// Not claimed before this instant: after a `returned` attempt, or because a gate is closed until then.
    pub not_before: Option<DateTime<Utc>>,
    /// The gate that took it out of the queue until `not_before`; none when a `returned` attempt did.
    pub blocked_by: Option<Gate>,
    /// No attempt starts at or after this instant.
    pub expires_at: Option<DateTime<Utc>>,
    /// Attempts that used the budget: all but `returned` and `unavailable` ones, an open one included.
    pub counted_attempts: u32,
    pub max_retries: u32,
    /// Attempts made, of every outcome.
    pub attempts: u32,
    /// A person said, while a call was open, that no retry may follow.
    pub no_retry: bool,
    /// The number to dial.
    pub phone: Option<PhoneNumber>,
    /// The lead's region, as given.
    pub region: Option<RegionCode>,
    /// Where the lead may be, by all that is known of it.
    pub place: Arc<LeadPlace>,
    /// What else the caller wants to keep with it.
    pub metadata: Option<Metadata>,
    /// Why the last attempt or change ended as it did.
    pub last_reason: Option<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// What is promised of a call beside its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// The end of the window in which it comes before every other call; then it is missed.
    pub until: DateTime<Utc>,
    /// When a run saw that it was missed.
    pub missed_at: Option<DateTime<Utc>>,
}

impl Promise {
    /// The window of a promise that names none.
    pub const USUAL_WINDOW: TimeDelta = TimeDelta::minutes(30);

    /// A promise for an instant. A window beyond the calendar ends with it.
    pub fn of(at: DateTime<Utc>, window: TimeDelta) -> Promise {
        Promise { until: at.checked_add_signed(window).unwrap_or(DateTime::<Utc>::MAX_UTC), missed_at: None }
    }
}

impl Item {
    /// The priority whose hours hold: a promised call is made in those of `urgent`.
    pub fn hours_priority(&self) -> Priority {
        if self.promise.is_some() { Priority::Urgent } else { self.priority }
    }

    /// Whether the window of its promise has passed uncalled.
    pub fn has_missed_promise(&self, now: DateTime<Utc>) -> bool {
        let missed =
            |promise: Promise| promise.missed_at.is_some() || (promise.until <= now && self.status.is_waiting());
        self.promise.is_some_and(missed)
    }

    /// Retries begun, without `returned` and `unavailable` attempts.
    pub fn retry_count(&self) -> u32 {
        self.counted_attempts.saturating_sub(1)
    }

    /// The lead's zones, as given.
    pub fn timezones(&self) -> &[ZoneName] {
        self.place.given_zones()
    }

    /// Whether no attempt may start at an instant any more.
    pub fn has_expired_at(&self, at: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|expires| expires <= at)
    }
}
