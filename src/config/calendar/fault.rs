//! What is wrong with a calendar.

/// A calendar of holidays is a few kilobytes; one beyond this is something else.
pub(super) const LARGEST_FILE: u64 = 16 << 20;

/// No holiday lasts longer, in days.
pub(super) const LONGEST_EVENT: u64 = 366;

/// The most dates of one event with all its repetitions.
pub(super) const MOST_DATES: u64 = 100_000;

/// What is wrong with a calendar.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file is too large.
    #[error("is larger than {} MiB: that is not a calendar of holidays", LARGEST_FILE >> 20)]
    TooLarge,
    /// A line is not UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// It is something else.
    #[error("is not an iCalendar file: expected BEGIN:VCALENDAR")]
    NotACalendar,
    /// BEGIN and END do not match.
    #[error("`{}` has no counterpart", .0.escape_debug())]
    Unbalanced(String),
    /// A line that is no property.
    #[error("`{}` is not understood", .0.escape_debug())]
    Line(String),
    /// A property is missing.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// A property stands there twice.
    #[error("it has more than one {0}")]
    Twice(&'static str),
    /// A value or a property that is not understood.
    #[error("`{}` is not understood", .0.escape_debug())]
    Value(String),
    #[error("it ends before it begins: DTEND is the first day after it")]
    EndsBeforeItBegins,
    #[error("it lasts {0} days: a holiday of more than {LONGEST_EVENT} is surely a mistake")]
    TooLong(u64),
    /// It repeats too often.
    #[error("it means more than {MOST_DATES} dates")]
    TooMany,
}

/// What is wrong with a calendar's text, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(super) line: Option<usize>,
    pub(super) event: Option<String>,
    pub(super) reason: Reason,
}
