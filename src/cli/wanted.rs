//! The values that an argument can have, for completion: by its name, since its parser knows no list.

use clap::Arg;

use crate::model::{
    BreakdownKey, ColorChoice, CompletionShell, Format, IfExists, InputFormat, Invalid, ListSort, OutcomeWord,
    Priority, ReportInput, Status,
};
use crate::scheduler::zone_names;

/// A word that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The word.
    pub word: String,
    /// What it means, in a line; may be empty.
    pub about: String,
}

/// What kind of value is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// One of these.
    Words(Vec<Candidate>),
    /// A file.
    Files,
    /// The name of a client.
    Clients,
    /// A key of the configuration.
    Keys,
    /// A column of a listing.
    Columns,
    /// Something that only the user knows.
    Nothing,
}

/// What kind of value an argument of a subcommand takes.
pub(super) fn value_of(command: &str, argument: &Arg) -> Wanted {
    match argument.get_id().as_str() {
        "db" | "config" | "file" | "rejects" => Wanted::Files,
        "client" => Wanted::Clients,
        "columns" => Wanted::Columns,
        "key" if matches!(command, "get" | "set" | "unset") => Wanted::Keys,
        "format" => words(Format::ALL),
        "color" => words(ColorChoice::ALL),
        // `report` reads one format only.
        "input" if command == "report" => words(ReportInput::ALL),
        "input" => words(InputFormat::ALL),
        "if_exists" => words(IfExists::ALL),
        "invalid" => words(Invalid::ALL),
        "sort" => words(ListSort::ALL),
        "by" => words(BreakdownKey::ALL),
        "shell" => words(CompletionShell::ALL),
        "priority" | "with_priority" => words(Priority::ALL),
        "status" if command == "prune" => words(Status::ALL.iter().filter(|status| status.is_finished())),
        "status" => words(Status::ALL),
        "outcome" => words(OutcomeWord::all_reported()),
        "timezone" => words(zone_names().collect::<Vec<_>>()),
        _ => Wanted::Nothing,
    }
}

fn words<T: ToString>(choices: impl IntoIterator<Item = T>) -> Wanted {
    let words = choices.into_iter().map(|choice| Candidate { word: choice.to_string(), about: String::new() });
    Wanted::Words(words.collect())
}
