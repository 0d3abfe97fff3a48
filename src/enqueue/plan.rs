//! What a request becomes: a new item.

use super::planner::Planner;
use super::refusal::Refusal;
use super::requested_call::RequestedCall;
use crate::model::{Expiry, LeadId, Priority, Promise};
use crate::store::NewItem;

impl Planner<'_> {
    /// The new item of a lead, in its slot.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn plan(&self, lead: LeadId, call: &RequestedCall) -> Result<NewItem, Refusal> {
        let priority = call.priority.unwrap_or_default();
        let hours = if call.promised { Priority::Urgent } else { priority };
        let (scheduled_at, status) = self.slot(&call.place, hours, call.start)?;
        if call.promised && scheduled_at != call.start {
            return Err(self.not_open(call.legal_place(), call.start, scheduled_at));
        }
        if call.strict && scheduled_at != call.start {
            return Err(Refusal::Outside { wanted: self.local(call.start), slot: self.local(scheduled_at) });
        }
        let expires_at = call.expires.and_then(Expiry::at);
        self.lives_until(scheduled_at, expires_at)?;
        Ok(NewItem {
            lead,
            key: call.key.clone(),
            priority,
            status,
            scheduled_at,
            asked_at: Some(call.asked).filter(|asked| *asked != scheduled_at && !call.promised),
            promised_until: call.promised.then(|| Promise::of(scheduled_at, Promise::USUAL_WINDOW).until),
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
