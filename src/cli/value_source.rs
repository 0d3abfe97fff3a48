//! Where the values of an argument come from, for completion: its type, its list or its hint tells.

use std::any::TypeId;

use clap::{Arg, ValueHint};

use super::{ColumnList, ConfigKey, IdArgument};
use crate::model::{ClientId, LeadId, ReportTarget};

/// A word that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The word.
    pub word: String,
    /// What it means, in a line; may be empty.
    pub about: String,
}

/// Where the words at the cursor come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueSource {
    /// This list.
    Words(Vec<Candidate>),
    /// The file system.
    Files,
    /// The clients of the configuration and of the queue.
    Clients,
    /// Items of the queue: ids of those that are held or in progress, and leads.
    Items,
    /// The leads of the queue.
    Leads,
    /// The keys of the configuration.
    Keys,
    /// The columns of a listing.
    Columns,
    /// The user alone.
    Nothing,
}

/// Where the values of an argument come from.
pub(super) fn value_source(argument: &Arg) -> ValueSource {
    let value = argument.get_value_parser().type_id();
    if value == TypeId::of::<ClientId>() {
        return ValueSource::Clients;
    } else if value == TypeId::of::<ConfigKey>() {
        return ValueSource::Keys;
    } else if value == TypeId::of::<ColumnList>() {
        return ValueSource::Columns;
    } else if value == TypeId::of::<IdArgument>() || value == TypeId::of::<ReportTarget>() {
        return ValueSource::Items;
    } else if value == TypeId::of::<LeadId>() && !argument.is_positional() {
        // A lead without a flag is a new one.
        return ValueSource::Leads;
    }
    let words = argument.get_possible_values();
    match argument.get_value_hint() {
        ValueHint::FilePath => ValueSource::Files,
        _ if words.is_empty() => ValueSource::Nothing,
        _ => {
            let candidate = |word: &str| Candidate { word: word.to_owned(), about: String::new() };
            ValueSource::Words(words.iter().map(|value| candidate(value.get_name())).collect())
        }
    }
}
