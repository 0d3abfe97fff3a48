//! A new item, as the way into the queue plans it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{ItemKey, LeadId, LeadPlace, Metadata, NewConsent, PhoneNumber, Priority, RegionCode, Status};

/// What is known of an item before it has a number.
#[derive(Debug, Clone)]
pub struct NewItem {
    pub lead: LeadId,
    /// The caller's own name of the request.
    pub key: Option<ItemKey>,
    /// How pressing it is.
    pub priority: Priority,
    /// `Pending` or `Scheduled`, by whether the slot is now or later.
    pub status: Status,
    pub scheduled_at: DateTime<Utc>,
    /// The instant that was asked for, where the slot is another one.
    pub asked_at: Option<DateTime<Utc>>,
    /// Its call is promised for `scheduled_at`, in a window up to this instant.
    pub promised_until: Option<DateTime<Utc>>,
    /// No attempt starts at or after this instant.
    pub expires_at: Option<DateTime<Utc>>,
    pub max_retries: u32,
    /// The number to dial.
    pub phone: Option<PhoneNumber>,
    /// The lead's region, as given.
    pub region: Option<RegionCode>,
    /// Where the lead may be.
    pub place: Arc<LeadPlace>,
    /// What else the caller keeps with it.
    pub metadata: Option<Metadata>,
    /// What the person of the number allowed the client: kept beside the item, for the number.
    pub consent: Option<NewConsent>,
}
