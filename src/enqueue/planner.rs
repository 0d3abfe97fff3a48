//! Plans items by the policy of one client: reads requests, and finds their slots.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::place_slots::{GivenZones, PlaceSlots, Places};
use super::refusal::{FieldError, Refusal};
use super::requested_call::{FieldChange, RequestedCall};
use crate::compliance::{CallingCode, number};
use crate::model::{ClientId, ConsentFields, Expiry, LeadId, LeadRequest, NewConsent, Priority, RequestFields, Status};
use crate::scheduler::{Policy, PolicyBook, parse_time};
use crate::store::Recall;

/// Plans the items of one client, at one instant.
pub(crate) struct Planner<'a> {
    pub(super) policy: &'a Arc<Policy>,
    pub(super) now: DateTime<Utc>,
    country_code: Option<CallingCode>,
    pub(super) places: Places,
}

impl<'a> Planner<'a> {
    /// Plans by this policy, with `now` as the present.
    pub(crate) fn new(policy: &'a Arc<Policy>, now: DateTime<Utc>) -> Planner<'a> {
        let country_code = CallingCode::of_client(policy);
        Planner { policy, now, country_code, places: Places::new(policy) }
    }

    /// Which earlier items keep a lead out that nobody asks for again.
    pub(crate) fn recall(&self) -> Recall {
        let after = Some(self.policy.recall_after).filter(|after| *after > TimeDelta::zero());
        // What lies before all times keeps everything out.
        let since = |after| self.now.checked_sub_signed(after).unwrap_or(DateTime::<Utc>::MIN_UTC);
        Recall { finished_after: after.map(since) }
    }

    /// Reads a request: its lead, and the call that it asks for.
    ///
    /// # Errors
    /// The first field that does not hold what it should.
    pub(crate) fn read(&mut self, request: LeadRequest) -> Result<(LeadId, RequestedCall), FieldError> {
        let LeadRequest { lead, phone_names_lead, fields } = request;
        let call = self.read_fields(fields)?;
        if !call.meta.is_empty() {
            call.metadata_over(None).map_err(FieldError::of("meta"))?;
        }
        if call.phone == FieldChange::Clear {
            return Err(FieldError::of("phone")("`none` takes a number away, and a new lead has none: leave it empty"));
        }
        match call.phone.value() {
            // However a file writes the number, it is one lead.
            Some(phone) if phone_names_lead => {
                let lead = phone.as_str().parse().map_err(FieldError::of("lead_id"))?;
                Ok((lead, call))
            }
            _ => Ok((lead, call)),
        }
    }

    /// Reads the fields of a request.
    ///
    /// # Errors
    /// The first field that does not hold what it should.
    pub(crate) fn read_fields(&mut self, fields: RequestFields) -> Result<RequestedCall, FieldError> {
        let phone = read_field("phone", fields.phone, |text| number::read(text, self.country_code))?;
        let region = read_field("region", fields.region, str::parse)?;
        let given = GivenZones::Written(fields.timezones.clone());
        let place =
            self.places.of(phone.value(), region.value().copied(), given).map_err(FieldError::of("timezone"))?;
        let time =
            |field, text: String| parse_time(&text, &self.policy.hours.zone, self.now).map_err(FieldError::of(field));
        let promised = fields.callback.map(|text| time("callback", text)).transpose()?;
        if let Some(past) = promised.filter(|at| *at < self.now) {
            return Err(Refusal::PromisedPast(self.local(past)).in_record());
        }
        if promised.is_some() && fields.at.is_some() {
            return Err(FieldError::of("callback")("`at` says another time: give one of the two"));
        }
        let at = fields.at.map(|text| time("at", text)).transpose()?;
        let at = promised.or(at);
        let expires = match fields.expires {
            Some(Expiry::At(text)) => Some(Expiry::At(time("expires", text)?)),
            Some(Expiry::Never) => Some(Expiry::Never),
            None => None,
        };
        let consent = self.consent(fields.consent)?;
        if consent.is_some() && phone.value().is_none() {
            return Err(FieldError::of("consent")("a consent belongs to a number: give the phone too"));
        }
        let start = at.map_or(self.now, |at| at.max(self.now));
        Ok(RequestedCall {
            key: fields.key,
            priority: fields.priority,
            at,
            start,
            asked: start,
            promised: promised.is_some(),
            strict: fields.strict,
            expires,
            max_retries: fields.max_retries,
            phone,
            region,
            timezones: fields.timezones,
            place,
            metadata: fields.metadata,
            meta: fields.meta,
            consent,
        })
    }

    /// Reads a consent; nothing when none is given.
    ///
    /// # Errors
    /// The first field that does not hold what it should.
    pub(crate) fn consent(&self, fields: ConsentFields) -> Result<Option<NewConsent>, FieldError> {
        let time =
            |field, text: String| parse_time(&text, &self.policy.hours.zone, self.now).map_err(FieldError::of(field));
        let Some(kind) = fields.kind else {
            if fields.is_empty() {
                return Ok(None);
            }
            return Err(FieldError::of("consent")(
                "give the kind of the consent too: written, express, invited or relationship",
            ));
        };
        let given_at = fields.at.map(|text| time("consent_at", text)).transpose()?.unwrap_or(self.now);
        let until = fields.until.map(|text| time("consent_until", text)).transpose()?;
        if let Some(until) = until.filter(|until| *until <= given_at) {
            let [until, given_at] = [until, given_at].map(|at| self.local(at));
            return Err(FieldError::of("consent_until")(format!("it ends at {until}, but is given at {given_at}")));
        }
        Ok(Some(NewConsent::given(kind, given_at, until, fields.proof)))
    }

    /// The slot of an item, and the status that follows from it: the one place that says so.
    pub(super) fn slot(
        &self,
        place: &PlaceSlots,
        priority: Priority,
        after: DateTime<Utc>,
    ) -> Result<(DateTime<Utc>, Status), Refusal> {
        let slot = place.slot(priority, after).map_err(Refusal::Never)?;
        Ok((slot, if slot > self.now { Status::Scheduled } else { Status::Pending }))
    }

    /// Nothing waits for a slot that comes when it has expired.
    pub(super) fn lives_until(&self, slot: DateTime<Utc>, expires_at: Option<DateTime<Utc>>) -> Result<(), Refusal> {
        match expires_at.filter(|expires_at| *expires_at <= slot) {
            Some(expires) => Err(Refusal::Expires { expires: self.local(expires), slot: self.local(slot) }),
            None => Ok(()),
        }
    }

    /// An instant as messages show it.
    pub(super) fn local(&self, instant: DateTime<Utc>) -> String {
        self.policy.hours.zone.format_local(instant)
    }
}

/// The word that takes the value of a field away.
pub(crate) const NONE: &str = "none";

/// Reads a field that `none` takes away.
fn read_field<T, E: ToString>(
    name: &'static str,
    text: Option<String>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<FieldChange<T>, FieldError> {
    match text {
        None => Ok(FieldChange::Keep),
        Some(text) if text.eq_ignore_ascii_case(NONE) => Ok(FieldChange::Clear),
        Some(text) => read(&text).map(FieldChange::Set).map_err(FieldError::of(name)),
    }
}

/// A planner for each client, for changes of items of several clients.
pub(crate) struct Planners<'a> {
    policies: &'a PolicyBook,
    now: DateTime<Utc>,
    known: HashMap<ClientId, Planner<'a>>,
}

impl<'a> Planners<'a> {
    /// Plans by these policies, with `now` as the present.
    pub(crate) fn new(policies: &'a PolicyBook, now: DateTime<Utc>) -> Planners<'a> {
        Planners { policies, now, known: HashMap::new() }
    }

    /// The planner of a client.
    ///
    /// # Errors
    /// When the client's configuration is wrong: nobody knows its hours.
    pub(crate) fn of(&mut self, client: &ClientId) -> Result<&mut Planner<'a>, Refusal> {
        let policy = self.policies.of(client);
        match &policy.fault {
            Some(fault) => Err(Refusal::Configuration(fault.clone())),
            None => Ok(self.known.entry(client.clone()).or_insert_with(|| Planner::new(policy, self.now))),
        }
    }
}
