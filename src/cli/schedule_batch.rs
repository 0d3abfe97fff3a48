//! `callq schedule-batch`

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, ValueHint};

use super::Client;
use super::add::field;
use super::whole::{RETRIES, whole};
use crate::model::{
    ColumnChoice, Delimiter, Expiry, IfExists, InputFormat, Invalid, Priority, RequestFields, parse_duration,
};

/// Queue many leads at once
///
/// Reads leads from the arguments, a file or standard input: lines, CSV with a header, JSONL or a JSON array. An argument
/// that names a file, or ends as one does (.csv, .txt, .json), is read. callq says how it reads the file: the delimiter, the
/// encoding, and which column holds which field. The batch is one change: either every lead is queued or none. Leads form
/// groups: group 0 starts at the slot of --at, each next one --batch-interval later.
///
/// Columns are found by their names, in any case: lead_id (or id, record id, contact id), phone (or phone number, mobile,
/// cell, telephone, primary phone, to_number), timezone, priority, at, callback (the time of a promised call), expires,
/// max_retries, key, client_id, metadata. All others become metadata. Records are skipped whose column do_not_call (or dnc,
/// do_not_contact, opt_out) says yes. An export of callq is read back: what waits is queued. Without -c the column client_id
/// names the client of each record.
#[derive(Debug, Args)]
pub struct ScheduleBatch {
    #[command(flatten)]
    pub client: Client,

    /// Queue these lead ids, or read this file; a phone number with + is the lead and its phone
    #[arg(value_name = "LEAD|FILE", conflicts_with = "file", value_hint = ValueHint::FilePath)]
    pub leads: Vec<PathBuf>,

    /// Read this file; - is standard input
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    /// Read the input in this format
    #[arg(long, value_name = "FORMAT")]
    pub input: Option<InputFormat>,

    /// Take the column with this header for a field, as phone=Mobile; an empty HEADER means none
    #[arg(long, value_name = "FIELD=HEADER")]
    pub column: Vec<ColumnChoice>,

    /// Separate cells by this sign: comma, semicolon, tab, pipe, or another one
    ///
    /// Without it callq finds the sign in the header, or in a first line such as `sep=;`.
    #[arg(long, value_name = "SIGN")]
    pub delimiter: Option<Delimiter>,

    /// Read the input in this encoding, such as windows-1252
    ///
    /// Without it the input is UTF-8, or UTF-16 where its bytes show that.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,

    /// Set a text field of the metadata of every record; may be repeated
    #[arg(long, value_name = "K=V", value_parser = field)]
    pub meta: Vec<(String, String)>,

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
    /// Each record comes with the reason: a last column `error`, a field `error`, or a line with `#` before it. The reason is
    /// ignored when the file comes back. The new file replaces the old one when the batch is done. A refused batch leaves the old one; a killed batch leaves a
    /// hidden `.callq-*.new` at most. Only the owner can read the file. A terminal, pipe or device is written straight. callq
    /// refuses a symbolic link to a file, and every file that it works with: the database, leases, configuration, calendars,
    /// keys, programs and the input.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,

    /// Add the numbers of records that say no to the client's do-not-call list
    #[arg(long)]
    pub to_dnc: bool,

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
            expires: self.expires.clone().map(Expiry::from),
            max_retries: self.max_retries,
            meta: self.meta.clone(),
            ..RequestFields::default()
        }
    }
}
