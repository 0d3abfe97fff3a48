//! Holidays from iCalendar files (RFC 5545): the dates of their all-day events.
//!
//! Of the icalendar package only the reader of a content line is used: its recurrences would ask for the machine's
//! zone. Whatever is not understood is an error that names the event; nothing is skipped in silence but cancelled
//! events and components that are no events.

mod recurrence;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use icalendar::parser::Property;

use self::recurrence::{YearlyRule, plain_date};
use crate::scheduler::Holidays;

/// A calendar of holidays is a few kilobytes; one beyond this is something else.
const LARGEST_FILE: u64 = 16 << 20;

/// No holiday lasts longer, in days.
const LONGEST_EVENT: u64 = 366;

/// The most dates of one event with all its repetitions.
const MOST_DATES: u64 = 100_000;

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

/// What is wrong with a calendar.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file is too large.
    #[error("is larger than {} MiB: that is no calendar of holidays", LARGEST_FILE >> 20)]
    TooLarge,
    /// A line is not UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// It is something else.
    #[error("is no iCalendar file: expected BEGIN:VCALENDAR")]
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
    /// It has a time of day.
    #[error("`{}` names a time of day: only all-day events are holidays", .0.escape_debug())]
    Timed(String),
    /// A value or a property that is not understood.
    #[error("`{}` is not understood", .0.escape_debug())]
    Value(String),
    /// It ends before it begins.
    #[error("it ends before it begins: DTEND is the first day after it")]
    EndsBeforeItBegins,
    /// It is too long.
    #[error("it lasts {0} days: a holiday of more than {LONGEST_EVENT} is surely a mistake")]
    TooLong(u64),
    /// It repeats too often.
    #[error("it stands for more than {MOST_DATES} dates")]
    TooMany,
}

/// Adds the dates of all events of an iCalendar file to `holidays`; a repetition without an end goes on to the year
/// 2200.
///
/// # Errors
/// When the file cannot be read, or an event is not understood; `holidays` is then as before.
pub fn read_calendar(path: &Path, holidays: &mut Holidays) -> Result<(), CalendarError> {
    let failed = |reason| CalendarError { file: path.to_owned(), line: None, event: None, reason };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| failed(Reason::Unreadable(error)))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(failed(Reason::TooLarge));
    }
    let dates = parse_calendar(&bytes).map_err(|fault| CalendarError {
        file: path.to_owned(),
        line: fault.line,
        event: fault.event,
        reason: fault.reason,
    })?;
    dates.into_iter().for_each(|date| holidays.add_date(date));
    Ok(())
}

/// What is wrong with a calendar's text, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    line: Option<usize>,
    event: Option<String>,
    reason: Reason,
}

/// The dates of all events of a calendar's text.
///
/// # Errors
/// At the first line or event that is not understood.
pub(crate) fn parse_calendar(text: &[u8]) -> Result<BTreeSet<NaiveDate>, Fault> {
    let lines = unfold(text)?;
    let events = events(&lines)?;
    let mut moved: BTreeMap<&str, BTreeSet<NaiveDate>> = BTreeMap::new();
    for event in &events {
        if let Some(date) = event.recurrence_id().map_err(|reason| event.fault(reason))? {
            moved.entry(event.text("UID")).or_default().insert(date);
        }
    }
    let mut dates = BTreeSet::new();
    for event in events.iter().filter(|event| !event.text("STATUS").eq_ignore_ascii_case("CANCELLED")) {
        dates.extend(event.dates(&moved).map_err(|reason| event.fault(reason))?);
    }
    Ok(dates)
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

/// One event: its properties as they stand.
struct Event<'a> {
    line: usize,
    properties: Vec<Property<'a>>,
}

impl Event<'_> {
    fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e str> {
        let named = move |property: &&Property<'_>| property.name.as_str().eq_ignore_ascii_case(name);
        self.properties.iter().filter(named).map(|property| property.val.as_str().trim())
    }

    /// The value of a property, or an empty text.
    fn text<'e>(&'e self, name: &'e str) -> &'e str {
        self.all(name).next().unwrap_or_default()
    }

    fn single<'e>(&'e self, name: &'static str) -> Result<Option<&'e str>, Reason> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Reason::Twice(name)),
        }
    }

    fn single_date(&self, name: &'static str) -> Result<Option<NaiveDate>, Reason> {
        self.single(name)?.map(|text| date(name, text)).transpose()
    }

    /// The dates of a property that is a list and may stand there more than once.
    fn listed_dates(&self, name: &str) -> Result<Vec<NaiveDate>, Reason> {
        self.all(name).flat_map(|list| list.split(',')).map(|text| date(name, text)).collect()
    }

    fn fault(&self, reason: Reason) -> Fault {
        let name = [self.text("SUMMARY"), self.text("UID")].into_iter().find(|name| !name.is_empty());
        let printable = name.map(|name| name.replace(char::is_control, " "));
        Fault { line: Some(self.line), event: printable, reason }
    }

    /// The date that this event replaces in the repetition of the event with the same UID.
    fn recurrence_id(&self) -> Result<Option<NaiveDate>, Reason> {
        let later_ones_too = |property: &Property<'_>| {
            property.params.iter().any(|param| param.key.as_str().eq_ignore_ascii_case("RANGE"))
        };
        let replaces = |property: &&Property<'_>| property.name.as_str().eq_ignore_ascii_case("RECURRENCE-ID");
        if self.properties.iter().filter(replaces).any(later_ones_too) {
            return Err(Reason::Value("RECURRENCE-ID;RANGE".to_owned()));
        }
        self.single_date("RECURRENCE-ID")
    }

    /// Every date of the event, in all its repetitions.
    fn dates(&self, moved: &BTreeMap<&str, BTreeSet<NaiveDate>>) -> Result<BTreeSet<NaiveDate>, Reason> {
        let start = self.single_date("DTSTART")?.ok_or(Reason::Missing("DTSTART"))?;
        let length = self.length(start)?;
        if let Some(rule) = self.all("EXRULE").next() {
            return Err(Reason::Value(format!("EXRULE:{rule}")));
        }
        let mut starts = match self.single("RRULE")? {
            Some(rule) => YearlyRule::parse(rule).map_err(Reason::Value)?.dates(start),
            None => BTreeSet::from([start]),
        };
        starts.extend(self.listed_dates("RDATE")?);
        for excluded in self.listed_dates("EXDATE")? {
            starts.remove(&excluded);
        }
        if self.recurrence_id()?.is_none() {
            for replaced in moved.get(self.text("UID")).into_iter().flatten() {
                starts.remove(replaced);
            }
        }
        if starts.len() as u64 * length > MOST_DATES {
            return Err(Reason::TooMany);
        }
        let days = |first: NaiveDate| (0..length).filter_map(move |day| first.checked_add_days(Days::new(day)));
        Ok(starts.into_iter().flat_map(days).collect())
    }

    /// How many days the event lasts: to before `DTEND`, or for its `DURATION`, or one.
    fn length(&self, start: NaiveDate) -> Result<u64, Reason> {
        let length = match (self.single_date("DTEND")?, self.single("DURATION")?) {
            (Some(_), Some(_)) => return Err(Reason::Value("DTEND with DURATION".to_owned())),
            // National sites are known to name the day itself as its end.
            (Some(end), None) if end == start => 1,
            (Some(end), None) => (end - start).num_days(),
            (None, Some(duration)) => days_of(duration)?,
            (None, None) => 1,
        };
        match u64::try_from(length) {
            Err(_) | Ok(0) => Err(Reason::EndsBeforeItBegins),
            Ok(days) if days > LONGEST_EVENT => Err(Reason::TooLong(days)),
            Ok(days) => Ok(days),
        }
    }
}

/// Reads `20261126`, the value of a property.
fn date(name: &str, text: &str) -> Result<NaiveDate, Reason> {
    let text = text.trim();
    let refused = if text.contains('T') { Reason::Timed } else { Reason::Value };
    plain_date(text).ok_or_else(|| refused(format!("{name}:{text}")))
}

/// Reads a duration of whole days, `P2D` or `P1W`.
fn days_of(text: &str) -> Result<i64, Reason> {
    let number = |unit| text.trim_start_matches('+').strip_prefix('P')?.strip_suffix(unit)?.parse::<u32>().ok();
    let days = number('D').map(i64::from).or_else(|| number('W').map(|weeks| i64::from(weeks) * 7));
    let refused = if text.contains('T') { Reason::Timed } else { Reason::Value };
    days.ok_or_else(|| refused(format!("DURATION:{text}")))
}
