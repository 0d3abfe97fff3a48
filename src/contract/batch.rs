//! What an import reports: what it read, what it queued, and what it left out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::encode;
use crate::model::{ClientId, LeadField};

/// What `schedule-batch` did, or would do.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub(crate) struct BatchView {
    /// Whose leads they are, and whose clock people read; programs know.
    #[serde(skip)]
    pub client_id: Option<ClientId>,
    /// Items added.
    pub scheduled: u64,
    /// Records that were left out: duplicates, and those of the next two counts, of `said_no` and of `not_waiting`.
    pub skipped: u64,
    /// Leads or numbers that were called lately.
    pub skipped_finished: u64,
    /// Leads that were cancelled.
    pub skipped_cancelled: u64,
    /// Records that cannot be read as a lead.
    pub invalid: u64,
    /// The first new item.
    pub first_id: Option<u64>,
    /// The last new item.
    pub last_id: Option<u64>,
    /// Groups of the pacing.
    pub groups: u64,
    /// The slot of the first group.
    #[serde(serialize_with = "encode::optional_instant")]
    pub first_call_at: Option<DateTime<Utc>>,
    /// The slot of the last group.
    #[serde(serialize_with = "encode::optional_instant")]
    pub last_call_at: Option<DateTime<Utc>>,
    /// Each bad record.
    pub errors: Vec<BatchError>,
    /// How the input was read; none for arguments.
    pub input: Option<InputView>,
    /// The columns of a table, by their headers, or the members of JSON objects; none for other inputs.
    pub columns: Option<ColumnsView>,
    /// Each record that was skipped, up to a bound.
    pub duplicates: Vec<SkippedView>,
    /// Skipped records beyond the bound.
    pub more_duplicates: u64,
    /// Records that were skipped since a column says that the person does not want to be called.
    pub said_no: u64,
    /// Numbers of those that joined the do-not-call list.
    pub added_to_dnc: u64,
    /// Records of an export of callq that were skipped since they do not wait for a call.
    pub not_waiting: u64,
    /// Items added without a phone number.
    pub without_phone: u64,
    /// Whether people read it.
    #[serde(skip)]
    pub phone_matters: bool,
    /// Items whose zones are from their number or region; told on standard error.
    #[serde(skip)]
    pub placed: u64,
    /// The words that were read as a place, how each was read, and how often; told on standard error.
    #[serde(skip)]
    pub zone_words: BTreeMap<String, u64>,
    /// Leads that a phone number names.
    pub phone_leads: u64,
    /// Leads added with a number that another lead of the batch has.
    pub shared_numbers: u64,
}

/// How the input of a batch was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct InputView {
    /// The file, or standard input.
    pub name: String,
    pub format: &'static str,
    /// The sign between the cells of a table, in a word.
    pub delimiter: Option<String>,
    pub encoding: &'static str,
}

/// The columns of a table, or the members of JSON objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ColumnsView {
    /// The fields with the headers of their columns: one each, but any number that say no.
    pub fields: Vec<(LeadField, String)>,
    /// The headers of the metadata.
    pub metadata: Vec<String>,
}

impl Serialize for ColumnsView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let no: Vec<&str> = self
            .fields
            .iter()
            .filter(|(field, _)| *field == LeadField::DoNotCall)
            .map(|(_, name)| name.as_str())
            .collect();
        for field in LeadField::ALL.iter().filter(|field| **field != LeadField::DoNotCall) {
            let header = self.fields.iter().find(|(found, _)| found == field).map(|(_, header)| header);
            // The column of the metadata as a whole stands beside those of its fields.
            let name = if *field == LeadField::Metadata { "metadata_object" } else { field.as_str() };
            map.serialize_entry(name, &header)?;
        }
        map.serialize_entry(LeadField::DoNotCall.as_str(), &no)?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.end()
    }
}

/// One record of a batch that was skipped.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct SkippedView {
    /// Its line in the input, 1 and up.
    pub line: u64,
    pub lead_id: String,
    /// The item that the lead has already, if that is why.
    pub item: Option<u64>,
    /// Why it was skipped.
    pub why: String,
}

/// One record of a batch that cannot be read as a lead.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct BatchError {
    /// Its line in the input, 1 and up.
    pub line: u64,
    /// Its lead id, when it has one.
    pub lead_id: Option<String>,
    /// The field at fault, when it is one.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
}
