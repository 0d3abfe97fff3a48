//! Finds the columns of a table: which field each holds, and what a person must decide.

use std::collections::BTreeSet;

use super::delimiter::clean;
use super::field::{Rank, field_of};
use super::own_export::{self, ERROR};
use super::rules::InputRules;
use crate::compliance::Region;
use crate::model::{ColumnChoice, ConsentKind, LeadField};

/// The most columns of a table: as many as a spreadsheet has.
const MOST_COLUMNS: usize = 16_384;

/// The most members of JSON objects that are named, so that memory stays flat.
const MOST_MEMBERS: usize = 100;

/// The longest name of a member that is named, in bytes.
const LONGEST_NAME: usize = 256;

/// The most values of a column that are looked at to tell codes from names.
pub(super) const SAMPLE: usize = 100;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Field(LeadField),
    /// The letters of a state or province in North America.
    State,
    /// A field of the metadata, by its name.
    Metadata(String),
    /// The status in an export of callq.
    Status,
    /// What an export of callq adds, and nobody needs.
    Dropped,
    /// The reasons in a file of rejects.
    Reason,
    /// A column without a name, which spreadsheets leave behind; its cells must be empty.
    Nameless,
}

/// What is wrong with a header, and the way out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeaderFault {
    pub(super) message: String,
    pub(super) hint: String,
}

/// The columns that were found in a table, by their headers, or the members of JSON objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundColumns {
    /// The fields with their columns, in the order of the fields.
    pub fields: Vec<(LeadField, String)>,
    /// The columns that go to the metadata.
    pub metadata: Vec<String>,
    /// Those of them that are named as a field of codes, and hold none.
    pub without_codes: Vec<String>,
    /// The columns are those of an export of callq.
    pub own_export: bool,
}

impl FoundColumns {
    /// Notes the member of an object that holds a field. The first name of a field is the one that is shown.
    pub(super) fn note_field(&mut self, field: LeadField, name: &str) {
        let is_known = |(known, header): &(LeadField, String)| {
            *known == field && (field != LeadField::DoNotCall || header == name)
        };
        if name.len() <= LONGEST_NAME && !self.fields.iter().any(is_known) && self.fields.len() < MOST_MEMBERS {
            let place = self.fields.partition_point(|(known, _)| *known <= field);
            self.fields.insert(place, (field, name.to_owned()));
        }
    }

    /// Notes a member that goes to the metadata.
    pub(super) fn note_metadata(&mut self, name: &str) {
        let has_room = name.len() <= LONGEST_NAME && self.metadata.len() < MOST_MEMBERS;
        if has_room && !self.metadata.iter().any(|known| known == name) {
            self.metadata.push(name.to_owned());
        }
    }

    /// Whether a column holds the field.
    pub fn has(&self, field: LeadField) -> bool {
        self.fields.iter().any(|(found, _)| *found == field)
    }
}

/// Finds the columns of a header. `sample` gives the first values of a column.
pub(super) fn find(
    header: &[String],
    rules: &InputRules,
    sample: &dyn Fn(usize) -> Vec<String>,
) -> Result<(Vec<Column>, FoundColumns), HeaderFault> {
    if header.len() > MOST_COLUMNS {
        let message = format!("the header has {} columns: at most {MOST_COLUMNS} are read", header.len());
        return Err(HeaderFault { message, hint: "delete the columns that nobody needs".to_owned() });
    }
    let header: Vec<String> = header.iter().map(|name| clean(name)).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let choices = resolved(&header, &rules.columns)?;
    if header.contains(&own_export::ATTEMPT) {
        let message = "these are calls that callq made, not leads".to_owned();
        let hint = "`callq list --format csv --limit 0` writes the leads".to_owned();
        return Err(HeaderFault { message, hint });
    }
    let own_export = own_export::is_own(header.iter().copied());
    let mut without_codes = Vec::new();
    let mut holders: Vec<Option<LeadField>> = vec![None; header.len()];
    for field in LeadField::ALL.iter().copied() {
        for index in columns_of(field, &header, &choices, rules)? {
            let name = header.get(index).copied().unwrap_or_default();
            if is_without_codes(name, &choices, || sample(index)) {
                without_codes.push(name.to_owned());
                continue;
            }
            if let Some(holder) = holders.get_mut(index) {
                *holder = Some(field);
            }
        }
    }
    let mut found = FoundColumns { own_export, without_codes, ..FoundColumns::default() };
    let mut names = BTreeSet::new();
    let mut columns = Vec::with_capacity(header.len());
    for (index, name) in header.iter().enumerate() {
        let is_last = index + 1 == header.len();
        let field = holders.get(index).copied().flatten();
        columns.push(match field {
            Some(field) => {
                found.fields.push((field, (*name).to_owned()));
                match (field, field_of(name, &choices)) {
                    (LeadField::Region, Some((_, Rank::Candidate))) => Column::State,
                    _ => Column::Field(field),
                }
            }
            None if name.is_empty() => Column::Nameless,
            None if own_export && own_export::STATUS.eq_ignore_ascii_case(name) => Column::Status,
            None if is_last && *name == ERROR => Column::Reason,
            None if own_export => Column::Dropped,
            None if !names.insert(*name) => return Err(twice(name)),
            None => {
                found.metadata.push((*name).to_owned());
                Column::Metadata((*name).to_owned())
            }
        });
    }
    found.fields.sort_by_key(|(field, _)| *field);
    if found.has(LeadField::LeadId) || found.has(LeadField::Phone) {
        return Ok((columns, found));
    }
    let message = "no column is the lead id or the phone number".to_owned();
    let hint = format!("{}; --column phone=HEADER or --column lead_id=HEADER names one", headers(&header));
    Err(HeaderFault { message, hint })
}

/// The choices with the headers as they stand in the file.
fn resolved(header: &[&str], choices: &[ColumnChoice]) -> Result<Vec<ColumnChoice>, HeaderFault> {
    let mut resolved: Vec<ColumnChoice> = Vec::new();
    for choice in choices {
        let mut choice = choice.clone();
        if let Some(wanted) = &choice.header {
            let same = header.iter().find(|name| *name == wanted);
            let near = || header.iter().find(|name| name.to_lowercase() == wanted.to_lowercase());
            let Some(name) = same.or_else(near) else {
                // A command may ask for a column by its strict name itself.
                let message = match wanted == choice.field.as_str() {
                    true => format!("no column has the header `{wanted}`"),
                    false => format!("--column {}={wanted}: no column has this header", choice.field),
                };
                return Err(HeaderFault { message, hint: headers(header) });
            };
            choice.header = Some((*name).to_owned());
        }
        let clash = resolved.iter().find(|other| {
            let once = other.field == choice.field && choice.field != LeadField::DoNotCall;
            once || (choice.header.is_some() && other.header == choice.header)
        });
        if let Some(other) = clash {
            let message = format!("--column {} and --column {} exclude each other", shown(other), shown(&choice));
            return Err(HeaderFault {
                message,
                hint: "choose one column for a field, and one field for a column".to_owned(),
            });
        }
        resolved.push(choice);
    }
    Ok(resolved)
}

fn shown(choice: &ColumnChoice) -> String {
    format!("{}={}", choice.field, choice.header.as_deref().unwrap_or_default())
}

/// The columns that hold a field: at most one, but any number that say no.
fn columns_of(
    field: LeadField,
    header: &[&str],
    choices: &[ColumnChoice],
    rules: &InputRules,
) -> Result<Vec<usize>, HeaderFault> {
    let ranked = |rank: Rank| -> Vec<usize> {
        let is = |name: &str| field_of(name, choices) == Some((field, rank)) && rules.reads(name, field, rank);
        (0..header.len()).filter(|index| header.get(*index).is_some_and(|name| is(name))).collect()
    };
    let (chosen, strict, candidates) = (ranked(Rank::Chosen), ranked(Rank::Strict), ranked(Rank::Candidate));
    if field == LeadField::DoNotCall {
        return Ok([chosen, strict, candidates].concat());
    }
    let name = |index: &usize| header.get(*index).copied().unwrap_or_default();
    let best = if !chosen.is_empty() {
        chosen
    } else if !strict.is_empty() {
        strict
    } else {
        candidates
    };
    match best.as_slice() {
        [one, other, ..] if field_of(name(one), choices).is_some_and(|(_, rank)| rank == Rank::Candidate) => {
            let names: Vec<&str> = best.iter().map(name).collect();
            let message = format!("{} columns may be the {field}: {}", names.len(), names.join(", "));
            let choose = format!("--column \"{field}={}\" or --column \"{field}={}\"", name(one), name(other));
            Err(HeaderFault { message, hint: format!("choose one with {choose}; {}", headers(header)) })
        }
        [_, other, ..] => Err(twice(name(other))),
        _ => Ok(best),
    }
}

fn twice(name: &str) -> HeaderFault {
    let message = format!("the header names the column `{}` twice", name.escape_debug());
    HeaderFault { message, hint: "rename one of them, or delete it".to_owned() }
}

/// The headers as a message names them.
fn headers(header: &[&str]) -> String {
    format!("the headers are {}", listed(header.iter().copied()))
}

/// Names behind each other; of many, the first ones and a count.
pub fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const MOST_NAMED: usize = 40;
    let more = names.len().saturating_sub(MOST_NAMED);
    let mut named: Vec<&str> = names.take(MOST_NAMED).collect();
    let count = format!("and {more} more");
    if more > 0 {
        named.push(&count);
    }
    named.join(", ")
}

/// Whether a column is named as one of codes, and its first values are no codes.
fn is_without_codes(name: &str, choices: &[ColumnChoice], values: impl FnOnce() -> Vec<String>) -> bool {
    let is_code: fn(&str) -> bool = match field_of(name, choices) {
        Some((LeadField::Region, Rank::Candidate)) => |value| state_code(value).parse::<Region>().is_ok(),
        Some((LeadField::Region, Rank::Strict)) => |value| value.parse::<Region>().is_ok(),
        Some((LeadField::Consent, Rank::Strict)) => |value| value.parse::<ConsentKind>().is_ok(),
        _ => return false,
    };
    !values().iter().any(|value| is_code(value.trim()))
}

/// The code of a state or province by its letters (`FL`); any other text as it is.
pub(super) fn state_code(value: &str) -> String {
    let letters = value.trim().to_ascii_uppercase();
    let codes = [format!("US-{letters}"), format!("CA-{letters}")];
    let known = codes.into_iter().find(|code| letters.len() == 2 && code.parse::<Region>().is_ok());
    known.unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(header: &str, rules: &InputRules) -> Result<FoundColumns, HeaderFault> {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        let sample = |index: usize| vec![if index.is_multiple_of(2) { "US-FL".to_owned() } else { "North".to_owned() }];
        find(&names, rules, &sample).map(|(_, found)| found)
    }

    fn chosen(columns: &[&str]) -> InputRules {
        let columns = columns.iter().map(|column| column.parse().unwrap()).collect();
        InputRules { columns, ..InputRules::default() }
    }

    #[test]
    fn columns_are_found_by_their_names() {
        for (header, lead, phone, metadata) in [
            ("Lead ID,First Name,Mobile", Some("Lead ID"), Some("Mobile"), "First Name"),
            (
                "Record ID,First Name,Phone Number,Mobile Phone Number",
                Some("Record ID"),
                Some("Phone Number"),
                "First Name, Mobile Phone Number",
            ),
            ("Lead ID,Phone,Mobile", Some("Lead ID"), Some("Phone"), "Mobile"),
            ("id,lead_id,cell", Some("lead_id"), Some("cell"), "id"),
            ("Phone,name", None, Some("Phone"), "name"),
            ("lead_id,name", Some("lead_id"), None, "name"),
            ("\u{feff}Lead\u{a0}ID\u{a0},phone", Some("Lead ID"), Some("phone"), ""),
        ] {
            let found = found(header, &InputRules::default()).unwrap();
            let of = |field| found.fields.iter().find(|(other, _)| *other == field).map(|(_, name)| name.as_str());
            assert_eq!((of(LeadField::LeadId), of(LeadField::Phone)), (lead, phone), "{header}");
            assert_eq!(found.metadata.join(", "), metadata, "{header}");
        }
    }

    #[test]
    fn what_is_not_certain_is_refused_with_the_headers() {
        let none = InputRules::default();
        for (header, rules, message, hint) in [
            (
                "Name,Number",
                &none,
                "no column is the lead id or the phone number",
                "the headers are Name, Number; --column phone=HEADER",
            ),
            (
                "id,Mobile,Cell",
                &none,
                "2 columns may be the phone: Mobile, Cell",
                "choose one with --column \"phone=Mobile\" or --column \"phone=Cell\"; the headers are id, Mobile, Cell",
            ),
            ("lead_id,leadId", &none, "the header names the column `leadId` twice", "rename"),
            ("lead_id,city,city", &none, "the header names the column `city` twice", "rename"),
            (
                "lead_id,Nr",
                &chosen(&["phone=Number"]),
                "--column phone=Number: no column has this header",
                "the headers are lead_id, Nr",
            ),
            (
                "a,b",
                &chosen(&["phone=a", "phone=b"]),
                "--column phone=a and --column phone=b exclude each other",
                "choose one",
            ),
        ] {
            let fault = found(header, rules).unwrap_err();
            assert_eq!(fault.message, message);
            assert!(fault.hint.starts_with(hint), "{}", fault.hint);
        }
        let many = vec!["x".to_owned(); MOST_COLUMNS + 1];
        let fault = find(&many, &none, &|_| Vec::new()).unwrap_err();
        assert_eq!(fault.message, "the header has 16385 columns: at most 16384 are read");
    }

    #[test]
    fn a_choice_decides() {
        let rules = chosen(&["phone=mobile", "lead_id=Nr"]);
        let found = found("Lead ID,Nr,Phone,Mobile", &rules).unwrap();
        assert_eq!(found.fields, [(LeadField::LeadId, "Nr".to_owned()), (LeadField::Phone, "Mobile".to_owned())]);
        assert_eq!(found.metadata, ["Lead ID", "Phone"]);
    }

    #[test]
    fn a_column_of_names_holds_no_codes() {
        let rules = InputRules { country_code: "1".parse().ok(), ..InputRules::default() };
        let with = |header: &str, values: &'static str, rules: &InputRules| {
            let names: Vec<String> = header.split(',').map(str::to_owned).collect();
            find(&names, rules, &|_| values.split(',').map(str::to_owned).collect()).unwrap()
        };
        for (header, values, field, without) in [
            ("lead_id,Region", "North,US-FL", true, false),
            ("lead_id,Region", "North,South", false, true),
            ("lead_id,State", "FL,on", true, false),
            ("lead_id,State", "Florida,New", false, true),
            ("lead_id,State", "Open,New", false, true),
        ] {
            let (columns, found) = with(header, values, &rules);
            assert_eq!(
                (found.has(LeadField::Region), !found.without_codes.is_empty()),
                (field, without),
                "{header} {values}"
            );
            assert_eq!(columns[1] == Column::State, field && header.ends_with("State"));
        }
        let (_, found) = with("lead_id,State", "FL", &InputRules::default());
        assert_eq!((found.metadata, found.without_codes.len()), (vec!["State".to_owned()], 0));
        assert_eq!(
            [state_code("fl"), state_code("ON"), state_code("DE"), state_code("Florida")],
            ["US-FL", "CA-ON", "US-DE", "Florida"]
        );
    }

    #[test]
    fn every_column_that_says_no_is_one() {
        let found = found("lead_id,Do Not Call,DNC,HasOptedOutOfCall,Email Opt Out", &InputRules::default()).unwrap();
        let no: Vec<&str> = found
            .fields
            .iter()
            .filter(|(field, _)| *field == LeadField::DoNotCall)
            .map(|(_, name)| name.as_str())
            .collect();
        assert_eq!(no, ["Do Not Call", "DNC", "HasOptedOutOfCall"]);
        assert_eq!(found.metadata, ["Email Opt Out"]);
    }
}
