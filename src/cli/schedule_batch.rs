//! `callq schedule-batch`

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, ValueHint};

use super::Client;
use super::whole::{RETRIES, whole};
use crate::model::{Expiry, IfExists, InputFormat, Invalid, LeadId, Priority, RequestFields, parse_duration};

/// Queue many leads at once
///
/// Reads leads from the arguments, a file or standard input: lines, CSV with a header, JSONL or a JSON array. The format is
/// guessed from the name and the first bytes. The batch is one change: either every lead is queued or none. Leads form
/// groups: group 0 starts at the slot of --at, each next one --batch-interval later.
#[derive(Debug, Args)]
pub struct ScheduleBatch {
    #[command(flatten)]
    pub client: Client,

    /// Lead ids
    #[arg(value_name = "LEAD", conflicts_with = "file")]
    pub leads: Vec<LeadId>,

    /// Read this file; - is standard input
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    /// Read the input in this format
    #[arg(long, value_name = "FORMAT")]
    pub input: Option<InputFormat>,

    /// Set the priority of records without one; normal by default
    #[arg(short, long, value_name = "PRIORITY")]
    pub priority: Option<Priority>,

    /// Do not call before this time
    #[arg(long, value_name = "T")]
    pub at: Option<String>,

    /// Start no attempt at or after this time, unless the record has its own
    #[arg(long, value_name = "T")]
    pub expires: Option<String>,

    /// Allow this many retries, unless the record has its own number
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(RETRIES))]
    pub max_retries: Option<u32>,

    /// Put this many leads into a group
    #[arg(
        long,
        value_name = "N",
        default_value = "10",
        allow_negative_numbers = true,
        value_parser = whole::<u64>(1..=u64::MAX)
    )]
    pub batch_size: u64,

    /// Start each group this long after the one before
    #[arg(long, value_name = "D", value_parser = parse_duration, default_value = "0")]
    pub batch_interval: TimeDelta,

    /// Choose what to do when a lead has a live or held item
    ///
    /// `replace` changes a waiting item in place. Fields that neither its record nor a flag gives stay.
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    pub if_exists: IfExists,

    /// Queue leads even if they were called lately or cancelled
    ///
    /// Without it, a lead or number that was called within `recall_after` of the configuration is skipped and counted. So is
    /// a cancelled lead.
    #[arg(long)]
    pub again: bool,

    /// Choose what bad records do: `abort` queues nothing, `skip` leaves them out
    #[arg(long, value_name = "WHAT", default_value = "abort")]
    pub invalid: Invalid,

    /// Write bad records to this file in the input's format; records over 1 MiB are reported but not written
    ///
    /// The new file replaces the old one when the batch is done. A refused batch leaves the old one; a killed batch leaves a
    /// hidden `.callq-*.new` at most. Only the owner can read the file. A terminal, pipe or device is written straight. callq
    /// refuses a symbolic link to a file, and every file that it works with: the database, leases, configuration, calendars,
    /// keys, programs and the input.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,

    /// Show what would be queued, and queue nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl ScheduleBatch {
    /// What the flags give to records that do not say otherwise.
    pub fn fields(&self) -> RequestFields {
        RequestFields {
            priority: self.priority,
            at: self.at.clone(),
            expires: self.expires.clone().map(Expiry::At),
            max_retries: self.max_retries,
            ..RequestFields::default()
        }
    }
}
