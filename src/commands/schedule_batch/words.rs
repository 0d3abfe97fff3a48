//! What a batch says beside its report: how the input was read, which records were skipped, and that nothing was found.

use std::collections::BTreeMap;

use super::input::OpenInput;
use super::origin::Origin;
use crate::commands::context::Context;
use crate::contract::{BatchView, ColumnsView, InputView};
use crate::intake::{FoundColumns, Records, listed};
use crate::model::{Format, InputFormat, LeadField};
use crate::output::{counted, with_commas};

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

/// Warns of an input without a record, and names the skipped ones when asked to say more.
pub(super) fn say_of_records(view: &BatchView, context: &mut Context<'_>) {
    if view.scheduled + view.skipped + view.invalid == 0 {
        let name = view.input.as_ref().map_or("the input", |input| input.name.as_str());
        let is_table = view.input.as_ref().is_some_and(|input| input.format == InputFormat::Csv.as_str());
        let what = if is_table && view.columns.is_some() { "holds a header and no record" } else { "holds no lead" };
        context.say(format_args!("warning: {name} {what}: nothing was queued"));
    }
    if context.global.verbose {
        for skipped in &view.duplicates {
            let item = skipped.item.map_or(String::new(), |item| format!(" (item {item})"));
            context.say(format_args!("line {} ({}): skipped: {}{item}", skipped.line, skipped.lead_id, skipped.why));
        }
        if view.more_duplicates > 0 {
            context.say(format_args!("and {} more records were skipped", view.more_duplicates));
        }
    }
}

/// Says once what was found of where the leads are.
pub(super) fn say_places(placed: u64, zone_words: &BTreeMap<String, u64>, context: &mut Context<'_>) {
    match placed {
        0 => {}
        1 => context.say(format_args!("1 lead is called by the zone of its number or region")),
        _ => context
            .say(format_args!("{} leads are called by the zones of their numbers or regions", with_commas(placed))),
    }
    for (note, count) in zone_words {
        context.say(format_args!("{note}: {}", counted(*count, "lead")));
    }
}
