//! `callq schedule-batch`

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::number::{RETRIES, whole};
use crate::model::{IfExists, InputFormat, Invalid, LeadId, Priority, parse_duration};

/// Queue many leads at once
///
/// Reads leads from the arguments, a file or standard input: lines, CSV with a header, JSONL or a JSON array; the
/// format is guessed from the name and the first bytes. All of it is one change: every lead is queued, or none. Leads
/// are put into groups; group 0 starts at the slot of --at, each next one --batch-interval later.
#[derive(Debug, Args)]
pub struct ScheduleBatch {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// Lead ids
    #[arg(value_name = "LEAD", conflicts_with = "file")]
    pub leads: Vec<LeadId>,

    /// The file to read; - is standard input
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// The format of the input: lines, csv, jsonl or json
    #[arg(long, value_name = "FORMAT")]
    pub input: Option<InputFormat>,

    /// The priority of records that name none; normal unless one is given
    #[arg(short, long, value_name = "PRIORITY")]
    pub priority: Option<Priority>,

    /// Not before this time
    #[arg(long, value_name = "T")]
    pub at: Option<String>,

    /// No attempt starts at or after this time, for records that name none
    #[arg(long, value_name = "T")]
    pub expires: Option<String>,

    /// Retries allowed, for records that name none
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(RETRIES))]
    pub max_retries: Option<u32>,

    /// Leads in a group
    #[arg(
        long,
        value_name = "N",
        default_value = "10",
        allow_negative_numbers = true,
        value_parser = whole::<u64>(1..=u64::MAX)
    )]
    pub batch_size: u64,

    /// Time between the starts of two groups
    #[arg(long, value_name = "D", value_parser = parse_duration, default_value = "0")]
    pub batch_interval: TimeDelta,

    /// When a lead has a live or held item: skip, error or replace
    ///
    /// `replace` changes a waiting item in place: what its record or a flag gives; all else of it stays.
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    pub if_exists: IfExists,

    /// What bad records do: abort (nothing is queued) or skip
    #[arg(long, value_name = "WHAT", default_value = "abort")]
    pub invalid: Invalid,

    /// Write bad records to this file, in the input's own format; one of more than 1 MiB is only named
    ///
    /// The file is written beside the target and replaces it when the batch is done; a refused batch leaves the old one.
    /// A killed one leaves a hidden `.callq-*.new` at most. The file is readable by its owner only. A terminal, pipe or
    /// device is written straight. callq refuses a symbolic link to a file, and everything that it works with itself: the
    /// database, leases, configuration, calendars, keys, programs and the input.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,

    /// Say what would be queued, and queue nothing
    #[arg(long)]
    pub dry_run: bool,
}
