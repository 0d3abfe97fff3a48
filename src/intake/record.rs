//! What a reader gives back: a lead to queue, or what is wrong with its record.

use std::fmt;
use std::io;

use crate::model::{ClientId, LeadRequest, Status};

/// Why a record cannot be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRecord {
    /// The physical line on which the record begins, from 1.
    pub line: u64,
    /// The lead id, when it could be read.
    pub lead: Option<String>,
    /// The field at fault, by its name in the documentation or, for metadata, in the record.
    pub field: Option<String>,
    /// What is wrong, in lower case.
    pub message: String,
    /// The input cannot be read past this record: more leads may follow it unread, so that it must not be skipped.
    pub rest_unread: bool,
}

impl fmt::Display for BadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(field) = &self.field {
            write!(f, ", field `{}`", field.escape_debug())?;
        }
        write!(f, ": {}", self.message)?;
        if self.rest_unread { f.write_str("; the rest of the input cannot be read") } else { Ok(()) }
    }
}

/// A lead of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Who is to be called, and how.
    pub request: LeadRequest,
    /// Whose lead it is, when the record says so.
    pub client: Option<ClientId>,
    /// Why it is not to be queued, if so.
    pub leave_out: Option<LeaveOut>,
}

/// Why a record is not queued, though it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveOut {
    /// A column says that the person does not want to be called.
    SaysNo,
    /// It stands in an export of callq, with this status.
    NotWaiting(Status),
}

/// One record of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The physical line on which the record begins, from 1.
    pub line: u64,
    /// The record as it stood in the input, without its line end; empty for a good record unless raw records are kept
    /// ([`Records::keep_raw`](super::Records::keep_raw)), and for one longer than [`LONGEST_RECORD`](super::LONGEST_RECORD).
    pub raw: Vec<u8>,
    /// The lead, or what is wrong.
    pub parsed: Result<Record, BadRecord>,
}

/// The input could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the input after line {line}: {source}")]
pub struct ReadError {
    pub line: u64,
    /// What the system said.
    pub source: io::Error,
}
