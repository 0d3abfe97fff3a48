//! Warns of what is legal but surely wrong in a configuration that loads.

mod calendars;
mod receivers;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use chrono::{DateTime, Utc};

pub use self::calendars::calendar_warnings;
pub use self::receivers::{SecretFault, receiver_warnings};
use super::check_ladder;
use super::check_share;
use super::error::{Location, Problem};
use super::keys::KEYS;
use super::load::Settings;
use super::locations::Locations;
use super::read::{WEEKDAYS, weekday_named};
use super::warning_location::first_of;
use crate::model::{ClientId, DispatchKind, DispatchSettings, Priority, did_you_mean, nearest};
use crate::scheduler::{DaySpan, HoursPolicy, Policy, PrimeHours, WeeklyHours};
use crate::trusted_file::{check_key_file, check_program, find_program};

/// Why a priority can never be called under these hours; `None` when it can. The scheduler's answer, given as an
/// argument since it depends on the zone data and the clock.
pub type NeverCalled<'a> = &'a dyn Fn(&HoursPolicy, Priority) -> Option<String>;

/// Minutes of a week.
const WEEK: i32 = 7 * 24 * 60;
/// The most that two zones of the world lie apart: from UTC-12 to UTC+14.
const WIDEST: i32 = 26 * 60;

/// The warnings of a configuration that loads, each at its place in the file.
///
/// `queued` are the clients that some queue item names; without it no section is called idle.
pub fn warnings(
    settings: &Settings,
    locations: &Locations,
    queued: Option<&BTreeSet<ClientId>>,
    never: NeverCalled<'_>,
    now: DateTime<Utc>,
) -> Vec<Problem> {
    let (document, policies) = (&settings.layers.document, &settings.policies);
    let (mut found, path) = (Vec::new(), locations.path.as_deref());
    let inherited = policy_warnings(policies.defaults(), path, never);
    for (keys, message) in inherited.clone() {
        found.push(settings.warning(&[&settings.layers.variables, &document.defaults], keys, None, message));
    }
    found.extend(calendar_warnings(settings, None, now));
    for (client, section) in &document.clients {
        found.extend(calendar_warnings(settings, Some(client), now));
        for warning in policy_warnings(policies.of(client), path, never) {
            let (keys, message) = &warning;
            // What a client inherits as it is has been told above.
            if !inherited.contains(&warning) || first_of(keys, &section.entries).is_some() {
                let message = format!("client `{client}`: {message}");
                found.push(settings.warning(&[&section.entries], keys, Some(section.span.start), message));
            }
        }
        if queued.is_some_and(|queued| !queued.contains(client)) {
            let near = nearest(client.as_str(), queued.into_iter().flatten().map(ClientId::as_str));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("no queue item names the client `{client}` of this section{hint}");
            found.push(settings.layers.problem_at(section.span.start, message));
        }
    }
    found.extend(check_share::warnings(settings, queued));
    found.extend(strange_variables(locations));
    found.sort();
    found.dedup();
    found
}

/// The keys that a warning is about, and what it says.
type Warning = (&'static [&'static str], String);

fn policy_warnings(policy: &Policy, path: Option<&OsStr>, never: NeverCalled<'_>) -> Vec<Warning> {
    let hours = &policy.hours;
    let mut found = Vec::new();
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for priority in Priority::ALL {
        let Some(why) = never(hours, priority) else { continue };
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, priorities)) => priorities.push(priority.as_str()),
            None => reasons.push((why, vec![priority.as_str()])),
        }
    }
    for (why, priorities) in reasons {
        found.push((HOURS_KEYS, format!("items of priority {} can never be called: {why}", priorities.join(", "))));
    }
    if is_fixed(hours.zone.name()) {
        let message =
            format!("`timezone` is {}, which has no summer time: name a place, such as America/New_York", hours.zone);
        found.push((&["timezone"], message));
    }
    if let Some(outside) = prime_outside(hours) {
        let message =
            format!("`business_hours.priority_hours` {outside} lie outside of the business hours of every day");
        found.push((&["business_hours.priority_hours", "business_hours.start", "business_hours.end"], message));
    }
    found.extend(unmet(hours).map(|message| (HOURS_KEYS, message)));
    found.extend(check_ladder::too_long(&policy.retry).map(|message| (check_ladder::KEYS, message)));
    let program = policy.dispatch.command.first().filter(|_| policy.dispatch.kind == DispatchKind::Command);
    if let Some(fault) = program.and_then(|program| program_fault(program, path)) {
        found.push((&["dispatch.command"], format!("`dispatch.command`: {fault}: nobody can be called")));
    }
    if let Some(fault) = key_fault(&policy.dispatch) {
        found.push((&["dispatch.api_key_file"], format!("`dispatch.api_key_file`: {fault}: nobody can be called")));
    }
    found
}

/// Whether a zone is an offset with a name. Who writes UTC means it.
fn is_fixed(zone: &str) -> bool {
    let name = zone.strip_prefix("Etc/").unwrap_or(zone);
    name.starts_with("GMT") || ["EST", "MST", "HST", "Greenwich"].contains(&name)
}

/// Why a key is not taken from its file, although it is there.
fn key_fault(dispatch: &DispatchSettings) -> Option<String> {
    let path = dispatch.retell.as_ref()?.api_key_file.as_ref()?;
    check_key_file(path, &fs::metadata(path).ok()?).err().map(|untrusted| untrusted.to_string())
}

/// Why a program cannot be started; whether it is there, only where its whole path is given.
fn program_fault(program: &str, path: Option<&OsStr>) -> Option<String> {
    if let Err(untrusted) = check_program(&find_program(program, path)) {
        return Some(untrusted.to_string());
    }
    if !program.starts_with('/') {
        return None;
    }
    match fs::metadata(program) {
        Ok(found) if found.is_file() && found.permissions().mode() & 0o111 != 0 => None,
        Ok(found) if found.is_file() => Some(format!("{program} may not be executed: `chmod +x {program}`")),
        Ok(_) => Some(format!("{program} is not a file")),
        Err(error) => Some(format!("{program}: {error}")),
    }
}

/// The keys that decide about the windows, the likeliest cause first; a dot at the end stands for all keys of a table.
const HOURS_KEYS: &[&str] = &[
    "business_hours.days.",
    "business_hours.start",
    "business_hours.end",
    "active_days",
    "calling_hours.days.",
    "calling_hours.start",
    "calling_hours.end",
    "business_hours.priority_hours",
];

/// The priority hours in which no business hour of the week falls, as text.
fn prime_outside(hours: &HoursPolicy) -> Option<String> {
    let week = minutes(&hours.business);
    // No hours at all are another fault, and an empty list means every hour.
    if week.is_empty() || hours.prime == PrimeHours::default() {
        return None;
    }
    let outside: Vec<String> = (0..24_u8)
        .filter(|hour| hours.prime.contains(u32::from(*hour)))
        .filter(|hour| {
            let mut starts = (0..7).map(|day| (day * 24 + i32::from(*hour)) * 60);
            !starts.any(|start| meets((start, start + 60), &week, 0))
        })
        .map(|hour| hour.to_string())
        .collect();
    (!outside.is_empty()).then(|| outside.join(", "))
}

/// What is said of business hours in which a lead's own calling hours are closed.
fn unmet(hours: &HoursPolicy) -> Option<String> {
    let calling = minutes(&hours.calling);
    let named = || {
        WEEKDAYS.iter().flat_map(|name| {
            let day = weekday_named(name);
            day.into_iter().flat_map(|day| hours.business.spans(day)).map(move |span| (*name, *span))
        })
    };
    let closed = |slack: i32| -> Vec<String> {
        named()
            .filter(|(name, span)| !meets(span_of(name, *span), &calling, slack))
            .map(|(name, span)| format!("{name} {span}"))
            .collect()
    };
    let (nowhere, not_here) = (closed(WIDEST), closed(0));
    if !nowhere.is_empty() {
        return Some(format!(
            "in the business hours {} no lead of any zone may be called by `calling_hours`",
            nowhere.join(", ")
        ));
    }
    (!not_here.is_empty()).then(|| {
        let spans = not_here.join(", ");
        format!("in the business hours {spans} no lead in the client's own zone may be called by `calling_hours`")
    })
}

/// The open minutes of a week from Monday 00:00; the tail of Sunday's night runs past the end.
fn minutes(hours: &WeeklyHours) -> Vec<(i32, i32)> {
    let days = WEEKDAYS.iter().filter_map(|name| Some((name, weekday_named(name)?)));
    days.flat_map(|(name, day)| hours.spans(day).iter().map(move |span| span_of(name, *span))).collect()
}

fn span_of(weekday: &str, span: DaySpan) -> (i32, i32) {
    let day = WEEKDAYS.iter().zip(0..).find(|(name, _)| **name == weekday).map_or(0, |(_, day)| day * 24 * 60);
    let (start, end) = (i32::from(span.start().minutes()), i32::from(span.end().minutes()));
    (day + start, day + if end <= start { end + 24 * 60 } else { end })
}

/// Whether a span meets one of the others in a week that repeats, when each may be moved by up to `slack` minutes.
fn meets(span: (i32, i32), others: &[(i32, i32)], slack: i32) -> bool {
    others.iter().any(|other| {
        [-WEEK, 0, WEEK].iter().any(|shift| span.0 < other.1 + shift + slack && other.0 + shift - slack < span.1)
    })
}

/// Variables with our own prefix that no key has: what else callq reads, and what it gives to a program that places calls.
const OTHER_VARIABLES: [&str; 12] = [
    "CALLQ_CONFIG",
    "CALLQ_CLIENT",
    "CALLQ_NOW",
    "CALLQ_ACTOR",
    "CALLQ_ATTEMPT_ID",
    "CALLQ_ITEM_ID",
    "CALLQ_CLIENT_ID",
    "CALLQ_LEAD_ID",
    "CALLQ_PHONE",
    "CALLQ_PRIORITY",
    "CALLQ_ATTEMPT",
    "CALLQ_RESULT_FILE",
];

/// Variables that nobody reads: every `CALLQ_*`, and a `QUEUE_*` that looks like a misspelt one of ours.
fn strange_variables(locations: &Locations) -> Vec<Problem> {
    let known = || KEYS.iter().filter_map(|key| key.variable).chain(OTHER_VARIABLES);
    let strange = locations.variables.keys().filter(|name| !known().any(|known| known == *name));
    strange
        .map(|name| (name, did_you_mean(name, known())))
        // Another program may have a queue too.
        .filter(|(name, meant)| name.starts_with("CALLQ_") || !meant.is_empty())
        .map(|(name, meant)| {
            // Its value may be anybody's secret and is not shown.
            Problem { spot: Location::Argument, message: format!("the variable `{name}` is not read{meant}") }
        })
        .collect()
}
