//! What a request becomes: a new item.

use super::planner::Planner;
use super::refusal::Refusal;
use super::requested_call::RequestedCall;
use crate::model::{Expiry, LeadId};
use crate::store::NewItem;

impl Planner<'_> {
    /// The new item of a lead, in its slot.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn plan(&self, lead: LeadId, call: &RequestedCall) -> Result<NewItem, Refusal> {
        let priority = call.priority.unwrap_or_default();
        let (scheduled_at, status) = self.slot(&call.place, priority, call.start)?;
        if call.strict && scheduled_at != call.start {
            return Err(Refusal::Outside { wanted: self.local(call.start), slot: self.local(scheduled_at) });
        }
        let expires_at = call.expires.and_then(Expiry::at);
        if let Some(expires_at) = expires_at.filter(|expires_at| scheduled_at >= *expires_at) {
            return Err(Refusal::ExpiresFirst { expires: self.local(expires_at), slot: self.local(scheduled_at) });
        }
        Ok(NewItem {
            lead,
            key: call.key.clone(),
            priority,
            status,
            scheduled_at,
            asked_at: Some(call.asked).filter(|asked| *asked != scheduled_at),
            expires_at,
            max_retries: call.max_retries.unwrap_or(self.policy.retry.max_retries),
            phone: call.phone.value().cloned(),
            region: call.region.value().and_then(|region| region.as_str().parse().ok()),
            place: call.place.place().clone(),
            metadata: call.metadata_over(None)?,
            consent: call.consent.clone(),
        })
    }
}
