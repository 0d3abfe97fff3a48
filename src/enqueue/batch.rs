//! Many requests that share flags and a pace.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::groups::Groups;
pub(crate) use super::groups::Pace;
use super::planner::Planner;
use super::refusal::{FieldError, Refusal};
use super::requested_call::RequestedCall;
use super::revise::Revised;
use crate::model::{IfExists, Item, LeadRequest, PhoneNumber, RequestFields};
use crate::scheduler::Policy;
use crate::store::{NewItem, Recall};

/// Plans the leads of a batch in their order, in flat memory.
pub(crate) struct Batch<'a> {
    planner: Planner<'a>,
    /// What a record does not give, the flags do.
    flags: RequestedCall,
    groups: Groups<'a>,
    /// Whether the batch asks for instants of its own, so that a present item moves to its group.
    is_timed: bool,
    /// Whether its groups start one after the other: then they are what is asked for.
    is_paced: bool,
}

impl<'a> Batch<'a> {
    /// A batch whose first group starts at the slot of the flags' instant.
    pub(crate) fn new(policy: &'a Arc<Policy>, now: DateTime<Utc>, flags: RequestedCall, pace: Pace) -> Batch<'a> {
        Batch {
            planner: Planner::new(policy, now),
            groups: Groups::new(policy, flags.priority.unwrap_or_default(), flags.start, pace),
            is_timed: flags.at.is_some() || pace.interval > TimeDelta::zero(),
            is_paced: pace.interval > TimeDelta::zero(),
            flags,
        }
    }

    /// The new item of a record, and the call that it asks for, for [`Batch::replace`].
    ///
    /// # Errors
    /// The field at fault.
    pub(crate) fn plan(&mut self, request: LeadRequest) -> Result<(NewItem, RequestedCall), FieldError> {
        let (lead, mut call) = self.planner.read(request).map_err(|error| error.or_no_promise())?;
        call.fill_from(&self.flags);
        let group = self.groups.start().map_err(Refusal::in_record)?;
        match self.flags.at.filter(|_| call.promised) {
            Some(at) if call.start < at => return Err(self.promised_before(&call, at)),
            // No group moves what was promised.
            _ if call.promised => {}
            _ => call.start = call.start.max(group),
        }
        if self.is_paced {
            call.asked = call.start;
        }
        if self.is_timed || call.at.is_some() {
            call.at = Some(call.start);
        }
        let new = self.planner.plan(lead, &call).map_err(Refusal::in_record)?;
        Ok((new, call))
    }

    fn promised_before(&self, call: &RequestedCall, at: DateTime<Utc>) -> FieldError {
        let (promised, at) = (self.planner.local(call.start), self.planner.local(at));
        FieldError::of("callback")(format!("a call is promised for {promised}, and --at calls nobody before {at}"))
    }

    /// What the present item of a lead becomes; nothing when it is to stay as it is.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn replace(
        &mut self,
        if_exists: IfExists,
        present: &Item,
        call: &RequestedCall,
    ) -> Result<Option<Revised>, Refusal> {
        self.planner.replace(if_exists, present, call)
    }

    /// The number of a record, read as for a call.
    ///
    /// # Errors
    /// When the text is no number.
    pub(crate) fn phone(&mut self, request: &LeadRequest) -> Result<Option<PhoneNumber>, FieldError> {
        let fields = RequestFields { phone: request.fields.phone.clone(), ..RequestFields::default() };
        Ok(self.planner.read_fields(fields)?.phone.value().cloned())
    }

    /// Which earlier items keep leads out that nobody asks for again.
    pub(crate) fn recall(&self) -> Recall {
        self.planner.recall()
    }

    /// Counts a lead that was queued into the present group.
    pub(crate) fn join(&mut self) {
        self.groups.join();
    }

    /// The groups that leads have joined.
    pub(crate) fn groups(&self) -> u64 {
        self.groups.count()
    }
}
