//! What a lease says of its call once that was started: enough to put it on record again.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{AttemptId, ClientId, Item, ItemId, LeadId, LeadPlace, PhoneNumber, Priority, RegionCode, RunId};

/// A call that was started: its claim was on disk before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedCall {
    pub attempt: AttemptId,
    /// 1 for the item's first attempt, and so on.
    pub number: u32,
    pub item: ItemId,
    /// On whose behalf the call was placed.
    pub client: ClientId,
    pub lead: LeadId,
    /// The number that was dialled.
    pub phone: Option<PhoneNumber>,
    /// The lead's region, as given.
    pub region: Option<RegionCode>,
    /// Where the lead may be: without it, it could be called at night.
    pub place: Arc<LeadPlace>,
    /// How pressing it was.
    pub priority: Priority,
    /// What placed the call: the word of the configuration.
    pub dispatcher: String,
    /// The run that made it.
    pub run: RunId,
    /// When the attempt was put on disk.
    pub started_at: DateTime<Utc>,
}

impl StartedCall {
    /// The call of an attempt that was claimed just now.
    pub fn of(attempt: AttemptId, number: u32, item: &Item, dispatcher: &str, run: RunId) -> StartedCall {
        StartedCall {
            attempt,
            number,
            item: item.id,
            client: item.client.clone(),
            lead: item.lead.clone(),
            phone: item.phone.clone(),
            region: item.region.clone(),
            place: item.place.clone(),
            priority: item.priority,
            dispatcher: dispatcher.to_owned(),
            run,
            started_at: item.updated_at,
        }
    }
}
