//! Holidays from iCalendar files (RFC 5545): the dates of their all-day events.
//!
//! Of the icalendar package only the reader of a content line is used: its recurrences would ask for the machine's
//! zone. Whatever is not understood is an error that names the event. Events with a time of day are kept apart, for a
//! warning; nothing is skipped in silence but cancelled events and components that are no events.

mod event;
mod fault;
mod moment;
mod recurrence;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use icalendar::parser::Property;

use self::event::{Event, Span};
pub(crate) use self::fault::Fault;
use self::fault::LARGEST_FILE;
pub use self::fault::Reason;
use self::moment::Clock;

/// What a calendar closes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The events of whole days, in the order of the file.
    pub days: Vec<ClosedDays>,
    /// Events that close nothing, since they have a time of day.
    pub timed: Vec<TimedEvent>,
}

/// An event of whole days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDays {
    /// Its summary, else its UID.
    pub name: String,
    /// Its categories, and the kind of day that its description begins with.
    pub kinds: Vec<String>,
    /// Its dates, in all its repetitions; a repetition without an end goes on to the year 2200.
    pub dates: BTreeSet<NaiveDate>,
}

/// An event with a time of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedEvent {
    /// Its first line.
    pub line: usize,
    /// Its summary, else its UID.
    pub name: String,
    /// From when to when, as written.
    pub when: String,
}

/// A calendar that cannot be taken as it is.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", place(file, *line, event.as_deref()))]
pub struct CalendarError {
    pub file: PathBuf,
    /// The line, counted from 1; of an event that is wrong as a whole, its first.
    pub line: Option<usize>,
    /// The event's summary, else its UID.
    pub event: Option<String>,
    pub reason: Reason,
}

fn place(file: &Path, line: Option<usize>, event: Option<&str>) -> String {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    let event = event.map(|event| format!(": event `{event}`")).unwrap_or_default();
    format!("{}{line}{event}", file.display())
}

/// Reads an iCalendar file.
///
/// # Errors
/// When the file cannot be read, or an event is not understood.
pub fn read_calendar(path: &Path) -> Result<Calendar, CalendarError> {
    let failed = |reason| CalendarError { file: path.to_owned(), line: None, event: None, reason };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| failed(Reason::Unreadable(error)))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(failed(Reason::TooLarge));
    }
    parse_calendar(&bytes).map_err(|fault| CalendarError {
        file: path.to_owned(),
        line: fault.line,
        event: fault.event,
        reason: fault.reason,
    })
}

/// Reads a calendar's text.
///
/// # Errors
/// At the first line or event that is not understood.
pub(crate) fn parse_calendar(text: &[u8]) -> Result<Calendar, Fault> {
    let lines = unfold(text)?;
    let events = events(&lines)?;
    let (mut calendar, mut whole) = (Calendar::default(), Vec::new());
    let mut moved: BTreeMap<&str, BTreeSet<NaiveDate>> = BTreeMap::new();
    for event in &events {
        let is_cancelled = event.text("STATUS").eq_ignore_ascii_case("CANCELLED");
        // An event for one date of a repetition replaces that date, of whatever kind it is.
        let replaced = match event.span() {
            Ok(Span::Days(start, length, clock)) if !is_cancelled => {
                let replaced = event.recurrence_id(&clock).map_err(|reason| event.fault(reason))?;
                whole.push((event, start, length, clock));
                replaced
            }
            Ok(Span::Days(_, _, clock)) => event.recurrence_id(&clock).unwrap_or_default(),
            Ok(Span::Timed(when)) => {
                if !is_cancelled {
                    let name = event.name().unwrap_or_default();
                    calendar.timed.push(TimedEvent { line: event.line, name, when });
                }
                event.recurrence_id(&Clock::Floating).unwrap_or_default()
            }
            Err(_) if is_cancelled => event.recurrence_id(&Clock::Floating).unwrap_or_default(),
            Err(reason) => return Err(event.fault(reason)),
        };
        if let Some(date) = replaced {
            moved.entry(event.text("UID")).or_default().insert(date);
        }
    }
    for (event, start, length, clock) in whole {
        let dates = event.dates(start, length, &clock, &moved).map_err(|reason| event.fault(reason))?;
        calendar.days.push(ClosedDays { name: event.name().unwrap_or_default(), kinds: event.kinds(), dates });
    }
    Ok(calendar)
}

/// One logical line, and the number of its first physical one.
struct Line {
    number: usize,
    text: String,
}

/// Joins folded lines. Bytes are joined first, since a fold may stand inside of a character.
fn unfold(text: &[u8]) -> Result<Vec<Line>, Fault> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut joined: Vec<(usize, Vec<u8>)> = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line, joined.last_mut()) {
            ([b' ' | b'\t', rest @ ..], Some((_, last))) => last.extend_from_slice(rest),
            _ => joined.push((index + 1, line.to_vec())),
        }
    }
    joined
        .into_iter()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(number, line)| match String::from_utf8(line) {
            Ok(text) => Ok(Line { number, text }),
            Err(_) => Err(Fault { line: Some(number), event: None, reason: Reason::NotUtf8 }),
        })
        .collect()
}

/// The events of a calendar, without the components inside of them.
fn events(lines: &[Line]) -> Result<Vec<Event<'_>>, Fault> {
    let mut open: Vec<(&Line, String)> = Vec::new();
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut calendars = 0;
    for line in lines {
        let fault = |reason| Fault { line: Some(line.number), event: None, reason };
        let text = line.text.trim_end();
        let depth = open.len();
        let inside_event = depth == 2 && open.last().is_some_and(|(_, name)| name == "VEVENT");
        match text.split_once(':').map(|(key, name)| (key.to_ascii_uppercase(), name.trim().to_ascii_uppercase())) {
            Some((key, name)) if key == "BEGIN" => {
                calendars += usize::from(depth == 0 && name == "VCALENDAR");
                if depth == 0 && name != "VCALENDAR" {
                    return Err(fault(Reason::NotACalendar));
                }
                if depth == 1 && name == "VEVENT" {
                    events.push(Event { line: line.number, properties: Vec::new() });
                }
                open.push((line, name));
            }
            Some((key, name)) if key == "END" => {
                open.pop().filter(|(_, opened)| *opened == name).ok_or_else(|| fault(unbalanced(text)))?;
            }
            _ if depth == 0 => return Err(fault(Reason::NotACalendar)),
            _ if inside_event => {
                let property = Property::try_from(text).map_err(|_| fault(Reason::Line(text.to_owned())))?;
                if let Some(event) = events.last_mut() {
                    event.properties.push(property);
                }
            }
            _ => {}
        }
    }
    match open.pop() {
        Some((line, _)) => Err(Fault { line: Some(line.number), event: None, reason: unbalanced(&line.text) }),
        None if calendars == 0 => Err(Fault { line: None, event: None, reason: Reason::NotACalendar }),
        None => Ok(events),
    }
}

fn unbalanced(text: &str) -> Reason {
    Reason::Unbalanced(text.trim().to_owned())
}
