//! A lead record in the making: takes one field after the other, as text, and checks each.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::field::Field;
use super::record::BadRecord;
use crate::model::{Expiry, LeadId, LeadRequest, Metadata, RequestFields};

/// What is wrong with a record, before its line and lead are known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) field: Option<String>,
    pub(super) message: String,
    /// The text is not of the input's format at all.
    pub(super) syntax: bool,
}

impl Fault {
    /// A fault of one field.
    pub(super) fn of(field: &str, message: impl ToString) -> Fault {
        Fault { field: Some(field.to_owned()), message: message.to_string(), syntax: false }
    }

    /// A fault of the whole record.
    pub(super) fn record(message: impl ToString) -> Fault {
        Fault { field: None, message: message.to_string(), syntax: false }
    }

    /// A text that does not parse.
    pub(super) fn syntax(message: impl ToString) -> Fault {
        Fault { field: None, message: message.to_string(), syntax: true }
    }
}

/// The fields found so far.
#[derive(Debug, Default)]
pub(super) struct RecordBuilder {
    lead: Option<LeadId>,
    pub(super) phone_names_lead: bool,
    fields: RequestFields,
}

impl RecordBuilder {
    /// Takes the text of a field; metadata comes in by [`metadata`].
    pub(super) fn set(&mut self, field: Field, text: &str) -> Result<(), Fault> {
        let wrong = |error: &dyn ToString| Fault::of(field.name(), error.to_string());
        let fields = &mut self.fields;
        match field {
            Field::Lead => self.lead = Some(text.parse().map_err(|error| wrong(&error))?),
            Field::Phone => fields.phone = Some(text.to_owned()),
            Field::Zones => {
                fields.timezones.reserve_exact(1);
                fields.timezones.push(text.to_owned());
            }
            Field::Region => fields.region = Some(text.to_owned()),
            Field::Priority => fields.priority = Some(text.parse().map_err(|error| wrong(&error))?),
            Field::At => fields.at = Some(text.to_owned()),
            Field::Expires => fields.expires = Some(Expiry::At(text.to_owned())),
            Field::MaxRetries => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let number = if digits { text.parse().ok() } else { None };
                let expected =
                    || wrong(&format!("`{text}` is not a number of retries: expected a whole number from 0"));
                fields.max_retries = Some(number.ok_or_else(expected)?);
            }
            Field::Key => fields.key = Some(text.parse().map_err(|error| wrong(&error))?),
            Field::Metadata => return Err(wrong(&"expected an object")),
        }
        Ok(())
    }

    /// The record, when it names a lead; else the fault, with the lead id if that much is known.
    pub(super) fn finish(
        self,
        outcome: Result<Option<Metadata>, Fault>,
    ) -> Result<LeadRequest, (Option<String>, Fault)> {
        let metadata = outcome.map_err(|fault| (self.lead.as_ref().map(LeadId::to_string), fault))?;
        let missing = || (None, Fault::of(Field::Lead.name(), "the record has no lead_id"));
        Ok(LeadRequest {
            lead: self.lead.ok_or_else(missing)?,
            phone_names_lead: self.phone_names_lead,
            fields: RequestFields { metadata, ..self.fields },
        })
    }
}

/// The bad record of a fault on a line.
pub(super) fn bad_record(line: u64, lead: Option<String>, fault: Fault, rest_unread: bool) -> BadRecord {
    BadRecord { line, lead, field: fault.field, message: fault.message, rest_unread }
}

/// The members of a JSON object in their order.
pub(super) type Members<'a, V> = Vec<(Cow<'a, str>, V)>;

/// The metadata of an object's own members (`base`) followed by the fields that callq does not know.
pub(super) fn metadata<V: Serialize>(
    base: &Members<'_, &RawValue>,
    others: &Members<'_, V>,
) -> Result<Option<Metadata>, Fault> {
    let mut names: Vec<&str> =
        base.iter().map(|(name, _)| name.as_ref()).chain(others.iter().map(|(name, _)| name.as_ref())).collect();
    names.sort_unstable();
    let twice = names.iter().zip(names.iter().skip(1)).find(|(name, next)| name == next);
    if let Some((name, _)) = twice {
        return Err(Fault::of(name, "the field stands there twice"));
    }
    let raw = serde_json::value::to_raw_value(&Merged { base, others }).map_err(Fault::record)?;
    Metadata::from_raw(raw).map(Some).map_err(|error| Fault::of(Field::Metadata.name(), error))
}

/// An object written from two lists of members.
struct Merged<'m, 'a, V> {
    base: &'m Members<'a, &'a RawValue>,
    others: &'m Members<'a, V>,
}

impl<V: Serialize> Serialize for Merged<'_, '_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.base {
            map.serialize_entry(name, value)?;
        }
        for (name, value) in self.others {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
