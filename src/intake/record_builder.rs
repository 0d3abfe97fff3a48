//! A lead record in the making: takes one field after the other, as text, and checks each.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::lead_name;
use super::own_export;
use super::record::{BadRecord, LeaveOut, Record};
use crate::model::{ClientId, Expiry, LeadField, LeadId, LeadRequest, Metadata, RequestFields};

/// What is wrong with a record, before its line and lead are known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) field: Option<String>,
    pub(super) message: String,
    /// The text is not of the input's format at all.
    pub(super) syntax: bool,
}

impl Fault {
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
    client: Option<ClientId>,
    leave_out: Option<LeaveOut>,
}

impl RecordBuilder {
    /// Takes the text of a field; metadata comes in by [`metadata`].
    pub(super) fn set(&mut self, field: LeadField, text: &str) -> Result<(), Fault> {
        let wrong = |error: &dyn ToString| Fault::of(field.as_str(), error.to_string());
        let fields = &mut self.fields;
        match field {
            LeadField::LeadId => self.lead = Some(lead_name::read(text).map_err(|error| wrong(&error))?),
            LeadField::Phone => fields.phone = Some(text.to_owned()),
            LeadField::Timezone => {
                fields.timezones.reserve_exact(1);
                fields.timezones.push(text.to_owned());
            }
            LeadField::Region => fields.region = Some(text.to_owned()),
            LeadField::Priority => fields.priority = Some(text.parse().map_err(|error| wrong(&error))?),
            LeadField::At => fields.at = Some(text.to_owned()),
            LeadField::Callback => fields.callback = Some(text.to_owned()),
            LeadField::Expires => fields.expires = Some(Expiry::from(text.to_owned())),
            LeadField::MaxRetries => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let number = if digits { text.parse().ok() } else { None };
                let expected =
                    || wrong(&format!("`{text}` is not a number of retries: expected a whole number from 0"));
                fields.max_retries = Some(number.ok_or_else(expected)?);
            }
            LeadField::Key => {
                lead_name::check_digits(text).map_err(|error| wrong(&error))?;
                fields.key = Some(text.parse().map_err(|error| wrong(&error))?);
            }
            LeadField::Client => self.client = Some(text.parse().map_err(|error| wrong(&error))?),
            LeadField::DoNotCall => {
                if says_no(text).map_err(|error| wrong(&error))? {
                    self.leave_out = self.leave_out.or(Some(LeaveOut::SaysNo));
                }
            }
            LeadField::Consent => fields.consent.kind = Some(text.parse().map_err(|error| wrong(&error))?),
            LeadField::ConsentAt => fields.consent.at = Some(text.to_owned()),
            LeadField::ConsentUntil => fields.consent.until = Some(text.to_owned()),
            LeadField::ConsentProof => fields.consent.proof = Some(text.to_owned()),
            LeadField::Metadata => return Err(wrong(&"expected an object")),
        }
        Ok(())
    }

    /// Takes the status of an item in an export of callq: what does not wait is left out.
    pub(super) fn set_status(&mut self, text: &str) -> Result<(), Fault> {
        let status = own_export::not_waiting(text).map_err(|error| Fault::of(own_export::STATUS, error))?;
        self.leave_out = status.map(LeaveOut::NotWaiting).or(self.leave_out);
        Ok(())
    }

    /// The record, when it names a lead; else the fault, with the lead id if that much is known.
    pub(super) fn finish(self, outcome: Result<Option<Metadata>, Fault>) -> Result<Record, (Option<String>, Fault)> {
        let metadata = match outcome {
            // Nothing else of it is of interest.
            Err(_) if matches!(self.leave_out, Some(LeaveOut::NotWaiting(_))) && self.lead.is_some() => None,
            other => other.map_err(|fault| (self.lead.as_ref().map(LeadId::to_string), fault))?,
        };
        let mut fields = self.fields;
        if fields.callback.is_some() && fields.callback == fields.at {
            // As exports of callq write a promised call.
            fields.at = None;
        }
        let missing = if self.phone_names_lead { "phone" } else { "lead_id" };
        let missing = || (None, Fault::of(missing, format!("the record has no {missing}")));
        let request = LeadRequest {
            lead: self.lead.ok_or_else(missing)?,
            phone_names_lead: self.phone_names_lead,
            fields: RequestFields { metadata, ..fields },
        };
        Ok(Record { request, client: self.client, leave_out: self.leave_out })
    }
}

/// Whether a cell of a column that says no does so.
fn says_no(text: &str) -> Result<bool, String> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "yes", "y", "1", "x", "t"]) {
        Ok(true)
    } else if is(&["", "false", "no", "n", "0", "f"]) {
        Ok(false)
    } else {
        Err(format!("`{text}` is neither yes nor no: write yes or no"))
    }
}

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
        return Err(Fault::of(name, "the field is there twice"));
    }
    let raw = serde_json::value::to_raw_value(&Merged { base, others }).map_err(Fault::record)?;
    Metadata::from_raw(raw).map(Some).map_err(|error| Fault::of(LeadField::Metadata.as_str(), error))
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
