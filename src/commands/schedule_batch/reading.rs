//! How the input of a batch was read: its format, encoding and columns.

use super::input::OpenInput;
use super::origin::Origin;
use crate::commands::context::Context;
use crate::contract::{BatchView, ColumnsView, InputView};
use crate::intake::{FoundColumns, Records, listed};
use crate::model::{Format, LeadField};

/// How an input is read, for the report and for people.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) input: InputView,
    columns: Option<FoundColumns>,
    /// The members of the first JSON object.
    first_members: Option<FoundColumns>,
}

impl Reading {
    pub(super) fn of(input: &OpenInput) -> Reading {
        let records: &Records = &input.records;
        let view = InputView {
            name: input.name.clone(),
            format: records.format().as_str(),
            delimiter: records.columns().map(|(_, delimiter)| delimiter.to_string()),
            encoding: records.encoding().name(),
        };
        let columns = records.columns().map(|(columns, _)| columns.clone());
        Reading { input: view, columns, first_members: records.members().cloned() }
    }

    /// Whether a table names its client, or a record may.
    pub(super) fn may_name_client(&self) -> bool {
        match &self.columns {
            Some(columns) => columns.has(LeadField::Client),
            None => self.input.format.starts_with("json"),
        }
    }

    /// The report with how its input was read.
    pub(super) fn put_into(self, view: BatchView) -> BatchView {
        let columns = self.columns.as_ref().map(columns_view).or(view.columns);
        let has_phone =
            columns.as_ref().is_some_and(|columns| columns.fields.iter().any(|(field, _)| *field == LeadField::Phone));
        BatchView { input: Some(self.input), columns, phone_matters: view.phone_matters || has_phone, ..view }
    }

    /// Says it, before anything is queued.
    pub(super) fn say(&self, context: &mut Context<'_>) {
        let InputView { name, format, delimiter, encoding } = &self.input;
        let kind = delimiter.as_deref().unwrap_or(format);
        let found = match (&self.columns, &self.first_members) {
            (Some(columns), _) => format!(" {}.", in_words(columns, "column")),
            (None, Some(members)) if members.has(LeadField::LeadId) => {
                format!(" First record: {}.", in_words(members, "member"))
            }
            (None, _) => String::new(),
        };
        context.say(format_args!("Reading {name}: {kind}, {encoding}.{found}"));
    }
}

/// The columns of a table, or the members of objects, for programs.
pub(super) fn columns_view(found: &FoundColumns) -> ColumnsView {
    ColumnsView { fields: found.fields.clone(), metadata: found.metadata.clone() }
}

/// The columns of a table, or the members of an object: what holds which field, and what is metadata.
fn in_words(columns: &FoundColumns, noun: &str) -> String {
    let fields: Vec<String> = columns.fields.iter().map(|(field, header)| format!("{field} ← {header}")).collect();
    let mut parts = vec![fields.join(", ")];
    if columns.own_export {
        parts.push("an export of callq: what waits is queued".to_owned());
    }
    if !columns.has(LeadField::LeadId) {
        parts.push("the phone number names the lead".to_owned());
    }
    if !columns.has(LeadField::Phone) {
        parts.push(format!("no {noun} holds a phone number"));
    }
    if !columns.metadata.is_empty() {
        let without = |name: &String| columns.without_codes.contains(name);
        let names: Vec<String> = columns
            .metadata
            .iter()
            .map(|name| if without(name) { format!("{name} (no codes)") } else { name.clone() })
            .collect();
        parts.push(format!("metadata: {}", listed(names.iter().map(String::as_str))));
    }
    parts.join("; ")
}

/// Whether a batch says how its input was read: programs get it in their report, and arguments need no reading.
pub(super) fn says_reading(origin: &Origin, context: &Context<'_>) -> bool {
    !matches!(origin, Origin::Arguments(_)) && !matches!(context.format(), Format::Json | Format::Jsonl)
}
