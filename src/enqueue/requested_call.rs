//! A request as the policy of its client reads it: what is given, with instants, zones and number.

use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::zone_set::ZoneSet;
use crate::model::{Expiry, ItemKey, Metadata, MetadataError, NewConsent, PhoneNumber, Priority};

/// The call that a request asks for. What is not given has a default in a new item, and stays in a present one.
#[derive(Debug, Clone)]
pub struct RequestedCall {
    pub(super) key: Option<ItemKey>,
    pub(super) priority: Option<Priority>,
    /// The earliest instant, if one is given.
    pub(super) at: Option<DateTime<Utc>>,
    /// The slot of a new item is searched from here on: not before `at`, now, or its group.
    pub(super) start: DateTime<Utc>,
    pub(super) strict: bool,
    pub(super) expires: Option<Expiry<DateTime<Utc>>>,
    pub(super) max_retries: Option<u32>,
    pub(super) phone: Option<PhoneNumber>,
    /// Every zone of the lead; empty when none is given.
    pub(super) zones: Rc<ZoneSet>,
    pub(super) metadata: Option<Metadata>,
    pub(super) meta: Vec<(String, String)>,
    pub(super) consent: Option<NewConsent>,
}

impl RequestedCall {
    /// The earliest instant that the request allows, now at the earliest.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The number with the consent that is given for it.
    pub fn consent_of_number(self) -> Option<(PhoneNumber, NewConsent)> {
        self.phone.zip(self.consent)
    }

    /// Whether a slot is another instant than the one that was given.
    pub fn is_moved_to(&self, slot: DateTime<Utc>) -> bool {
        self.at.is_some() && slot != self.start
    }

    /// Takes from the flags of a batch what a record does not give.
    pub(super) fn fill_from(&mut self, flags: &RequestedCall) {
        self.priority = self.priority.or(flags.priority);
        self.expires = self.expires.or(flags.expires);
        self.max_retries = self.max_retries.or(flags.max_retries);
    }

    /// The metadata of an item that has `present` now.
    pub(super) fn metadata_over(&self, present: Option<&Metadata>) -> Result<Option<Metadata>, MetadataError> {
        let object = self.metadata.as_ref().or(present);
        if self.meta.is_empty() {
            return Ok(object.cloned());
        }
        let object = object.map_or_else(|| "{}".parse(), |object| Ok(object.clone()))?;
        object.with_fields(&self.meta).map(Some)
    }
}
