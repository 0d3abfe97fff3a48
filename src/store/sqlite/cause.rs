//! Who changes an item, when and why.

use chrono::{DateTime, Utc};

use crate::model::{Actor, AttemptId, CallResult};

/// Who changes something, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    pub by: &'a Actor,
    pub at: DateTime<Utc>,
    /// Why, in the words of who does it.
    pub reason: Option<&'a str>,
}

/// Why an item changes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause<'a> {
    /// A person or a rule wants it: each field that differs becomes a row of the history.
    Edit(&'a Edit<'a>),
    /// A call begins, and its attempt is the history. Only an item without an open attempt changes.
    CallBegins(AttemptId, DateTime<Utc>),
    /// The call of its open attempt ended so. Only an item with this open attempt changes.
    CallEnds(AttemptId, &'a CallResult),
    /// The database forgot a call that began at an instant; the attempt is named while the call goes on.
    CallFound(Option<AttemptId>, DateTime<Utc>),
}
