//! A request as the policy of its client reads it: what is given, with instants, place and number.

use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::place_slots::PlaceSlots;
use crate::compliance::Region;
use crate::model::{Expiry, ItemKey, LeadPlace, Metadata, MetadataError, NewConsent, PhoneNumber, Priority};
use crate::scheduler::LegalPlace;

/// What a request says of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum FieldChange<T> {
    /// Nothing: a present item keeps its value.
    #[default]
    Keep,
    /// That there is no value.
    Clear,
    /// A value.
    Set(T),
}

impl<T: Clone> FieldChange<T> {
    /// The value of a new item.
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            FieldChange::Set(value) => Some(value),
            FieldChange::Keep | FieldChange::Clear => None,
        }
    }

    /// The value of an item that has `present` now.
    pub(super) fn over(&self, present: Option<T>) -> Option<T> {
        match self {
            FieldChange::Keep => present,
            FieldChange::Clear => None,
            FieldChange::Set(value) => Some(value.clone()),
        }
    }
}

/// The call that a request asks for. What is not given has a default in a new item, and stays in a present one.
#[derive(Debug, Clone)]
pub(crate) struct RequestedCall {
    pub(super) key: Option<ItemKey>,
    pub(super) priority: Option<Priority>,
    /// The earliest instant, if one is given.
    pub(super) at: Option<DateTime<Utc>>,
    /// The slot of a new item is searched from here on: not before `at`, now, or its group.
    pub(super) start: DateTime<Utc>,
    /// The same before a group of the batch moved it that waits for its hours.
    pub(super) asked: DateTime<Utc>,
    /// `at` was promised to the person.
    pub(super) promised: bool,
    pub(super) strict: bool,
    pub(super) expires: Option<Expiry<DateTime<Utc>>>,
    pub(super) max_retries: Option<u32>,
    pub(super) phone: FieldChange<PhoneNumber>,
    pub(super) region: FieldChange<Region>,
    /// The lead's zones as written; none when nothing is said of them.
    pub(super) timezones: Vec<String>,
    /// The place of a new item.
    pub(super) place: Rc<PlaceSlots>,
    pub(super) metadata: Option<Metadata>,
    pub(super) meta: Vec<(String, String)>,
    pub(super) consent: Option<NewConsent>,
}

impl RequestedCall {
    /// The earliest instant that the request allows, now at the earliest.
    pub(crate) fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The number with the consent that is given for it.
    pub(crate) fn consent_of_number(self) -> Option<(PhoneNumber, NewConsent)> {
        self.phone.value().cloned().zip(self.consent)
    }

    /// Whether a slot is another instant than the one that was given.
    pub(crate) fn is_moved_to(&self, slot: DateTime<Utc>) -> bool {
        self.at.is_some() && slot != self.start
    }

    /// The place of a new item.
    pub(crate) fn place(&self) -> &LeadPlace {
        self.place.place()
    }

    /// The place of a new item with the rules of its client, for the scheduler.
    pub(crate) fn legal_place(&self) -> &LegalPlace {
        self.place.legal()
    }

    /// The number of a new item.
    pub(crate) fn phone(&self) -> Option<&PhoneNumber> {
        self.phone.value()
    }

    /// The digits of the number that say where it points to.
    pub(crate) fn prefix(&self) -> Option<&'static str> {
        self.place.prefix()
    }

    /// The words that were read as a place (`EST`, `Eastern Time`), as written.
    pub(crate) fn zone_words(&self) -> &[String] {
        self.place.words()
    }

    /// Takes from the flags of a batch what a record does not give, and the metadata that they set for all records.
    pub(super) fn fill_from(&mut self, flags: &RequestedCall) {
        self.priority = self.priority.or(flags.priority);
        self.expires = self.expires.or(flags.expires);
        self.max_retries = self.max_retries.or(flags.max_retries);
        self.meta.extend_from_slice(&flags.meta);
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
