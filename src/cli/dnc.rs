//! `callq dnc`

use std::path::PathBuf;

use chrono::{NaiveDate, TimeDelta};
use clap::{Args, Subcommand, ValueHint};

use crate::model::{ClientId, Coverage, ListSource, RegistryName, parse_duration};

/// Keep the do-not-call list and the copies of registries
///
/// An entry blocks a number, or all numbers that begin with a prefix such as +1212*, for all clients or for one. A run fails
/// the items of blocked numbers with the reason do_not_call.
#[derive(Debug, Args)]
pub struct Dnc {
    /// What to do with it.
    #[command(subcommand)]
    pub action: DncAction,
}

/// What to do with the do-not-call list.
#[derive(Debug, Subcommand)]
pub enum DncAction {
    /// Block numbers for all clients, or for one
    ///
    /// Waiting items of a blocked number end at once with the reason do_not_call. Consents of the number are withdrawn.
    Add {
        #[command(flatten)]
        numbers: Numbers,

        #[command(flatten)]
        client: ListClient,

        /// Say who wanted it; caller stands for the called person
        #[arg(long, value_name = "S", default_value = "manual")]
        source: ListSource,

        /// Keep this reason with the entry
        #[arg(long, value_name = "R")]
        reason: Option<String>,

        /// End the entry at this time
        #[arg(long, value_name = "T")]
        until: Option<String>,
    },
    /// End entries; the list keeps them as history
    Remove {
        #[command(flatten)]
        numbers: Numbers,

        #[command(flatten)]
        client: ListClient,

        /// Keep this reason with the end of the entry
        #[arg(long, value_name = "R")]
        reason: String,

        /// Also end what the called person asked for
        #[arg(short, long)]
        yes: bool,
    },
    /// Show what each list says of numbers; exit 4 when one is listed
    ///
    /// A prefix such as +1212* is listed when an entry closes all of its numbers.
    Check {
        #[command(flatten)]
        numbers: Numbers,
    },
    /// List the entries
    List {
        /// Only entries of this source
        #[arg(long, value_name = "S")]
        source: Option<ListSource>,

        /// Include entries that have ended
        #[arg(long)]
        ended: bool,
    },
    /// Write the standing entries as CSV
    Export,
    /// Import the copy of a registry
    ///
    /// The file has a number a line. The old copy counts until the new one is whole.
    Import {
        /// The registry, such as us-national
        #[arg(value_name = "NAME")]
        name: RegistryName,

        /// Read the numbers from this file; - reads standard input
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,

        /// Say on which day the registry was like that
        #[arg(long, value_name = "DATE")]
        as_of: NaiveDate,

        /// Say which numbers the copy covers: area codes of +1, prefixes such as +44, or all
        ///
        /// Without it: what the copy in use covers, else all.
        #[arg(long, value_name = "PREFIX,…")]
        covers: Option<Coverage>,

        /// Use the copy for this long, if `registry_max_age` allows it
        #[arg(long, value_name = "D", value_parser = days)]
        max_age: Option<TimeDelta>,

        /// Accept a copy with less than half of the numbers
        #[arg(short, long)]
        yes: bool,
    },
    /// Show the copies of registries and how old they are
    Status,
}

/// The numbers that a verb is about.
#[derive(Debug, Args)]
pub struct Numbers {
    /// Phone numbers, prefixes such as +1212*, or - to read lines from standard input
    #[arg(value_name = "NUMBER", required = true)]
    pub numbers: Vec<String>,
}

/// The client whose list is changed.
#[derive(Debug, Args)]
pub struct ListClient {
    /// Change the list of this client, not that of all; CALLQ_CLIENT is ignored
    #[arg(short, long, value_name = "NAME")]
    pub client: Option<ClientId>,
}

fn days(text: &str) -> Result<TimeDelta, String> {
    let length = parse_duration(text).map_err(|error| error.to_string())?;
    if length < TimeDelta::days(1) {
        return Err(format!("`{text}` is less than a day"));
    }
    Ok(length)
}
