//! Warns of calendars that close fewer days than their client thinks.

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::config::calendar::{Calendar, ClosedDays};
use crate::config::document::Entries;
use crate::config::error::Problem;
use crate::config::exclude::excludes;
use crate::config::load::Settings;
use crate::config::read;
use crate::config::value::{Data, Value};
use crate::model::{ClientId, did_you_mean};

/// A calendar without a day so far ahead closes nothing that matters.
const HORIZON: Days = Days::new(366);

/// A calendar whose last day is nearer runs out soon, in days.
const SOON: i64 = 90;

/// The warnings about the calendars of a client's section, or of `[defaults]`.
pub fn calendar_warnings(settings: &Settings, client: Option<&ClientId>, now: DateTime<Utc>) -> Vec<Problem> {
    let document = &settings.layers.document;
    let own = match client {
        Some(client) => document.clients.get(client).map(|section| &section.entries),
        None => Some(&document.defaults),
    };
    let Some(own) = own else { return Vec::new() };
    let policy = client.map_or_else(|| settings.policies.defaults(), |client| settings.policies.of(client));
    let today = policy.hours.zone.local(now).date();
    let section = Section { settings, own, today };
    let (mut found, patterns) = (Vec::new(), texts(section.value("holiday_exclude")));
    for file in own.get("holiday_files").into_iter().flat_map(|entry| elements(&entry.value)) {
        let Some((name, calendar)) = section.calendar(file) else { continue };
        let is_left_out = |days: &&ClosedDays| patterns.iter().any(|(pattern, _)| excludes(pattern, days));
        let days: Vec<&ClosedDays> = calendar.days.iter().filter(|days| !is_left_out(days)).collect();
        let told = section.run_out(calendar, &days).map(|told| format!("`holiday_files`: {name} {told}"));
        let timed = calendar.timed.iter().map(|event| {
            format!(
                "`holiday_files`: {name}:{}: event `{}` ({}) is skipped: it has a time of day, and only whole days \
                 close the client",
                event.line, event.name, event.when
            )
        });
        found.extend(told.into_iter().chain(timed).map(|told| settings.layers.problem_at(file.span.start, told)));
    }
    if own.contains_key("holiday_exclude") {
        let files = section.value("holiday_files").into_iter().flat_map(elements);
        let events: Vec<&ClosedDays> =
            files.filter_map(|file| section.calendar(file)).flat_map(|(_, calendar)| &calendar.days).collect();
        for (pattern, at) in patterns.iter().filter(|(pattern, _)| !events.iter().any(|days| excludes(pattern, days))) {
            let near = did_you_mean(pattern, events.iter().map(|days| days.name.as_str()));
            let told = format!("`holiday_exclude`: \"{pattern}\" names no event of the calendars{near}");
            found.push(settings.layers.problem_at(*at, told));
        }
    }
    found
}

/// A section with its calendars.
struct Section<'a> {
    settings: &'a Settings,
    own: &'a Entries,
    today: NaiveDate,
}

impl<'a> Section<'a> {
    /// The value of a key as the section has it, or inherits it.
    fn value(&self, key: &str) -> Option<&'a Value> {
        let defaults = &self.settings.layers.document.defaults;
        self.own.get(key).or_else(|| defaults.get(key)).map(|entry| &entry.value)
    }

    /// The name and the content of a calendar that could be read.
    fn calendar(&self, file: &Value) -> Option<(String, &'a Calendar)> {
        let path = self.settings.layers.beside_file(&read::path(file).ok()?);
        let calendar = self.settings.calendars.get(&path)?.as_ref().ok()?;
        Some((path.display().to_string(), calendar))
    }

    /// Whether a calendar closes too little from now on.
    fn run_out(&self, calendar: &Calendar, days: &[&ClosedDays]) -> Option<String> {
        if calendar.days.is_empty() && calendar.timed.is_empty() {
            return Some("has no event: it closes no day".to_owned());
        }
        let dates = || days.iter().flat_map(|days| &days.dates);
        let Some(last) = dates().max() else { return Some("closes no day".to_owned()) };
        let end = self.today.checked_add_days(HORIZON).unwrap_or(NaiveDate::MAX);
        let advice = "get a newer one";
        if !dates().any(|date| (self.today..=end).contains(date)) {
            return Some(format!("names no day within the next 366 days; its last day is {last}: {advice}"));
        }
        let left = (*last - self.today).num_days();
        (left < SOON).then(|| format!("runs out: its last day is {last}, less than {SOON} days away: {advice}"))
    }
}

fn elements(value: &Value) -> &[Value] {
    match &value.data {
        Data::List(values) => values,
        _ => &[],
    }
}

/// The texts of a list, each with its place in the file.
fn texts(value: Option<&Value>) -> Vec<(String, usize)> {
    let values = value.map(elements).unwrap_or_default().iter();
    values
        .filter_map(|value| match &value.data {
            Data::Text(text) => Some((text.clone(), value.span.start)),
            _ => None,
        })
        .collect()
}
