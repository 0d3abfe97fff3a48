//! Resolves the layers key by key: built-in values, `[defaults]`, variables, `[clients.NAME]`, the last one wins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::calendar::{Calendar, read_calendar};
use super::document::Entries;
use super::error::{Location, Problem};
use super::exclude::excludes;
use super::keys::KEYS;
use super::law;
use super::layers::Layers;
use super::policy_builder::PolicyBuilder;
use super::rules::{self, Broken};
use crate::compliance::Rule;
use crate::model::ClientId;
use crate::scheduler::{HolidayEvent, Holidays, Policy, PolicyBook};

/// The keys that could not be read: a rule about one of them has nothing to say.
type Unread = BTreeSet<String>;

/// The problems of the clients' own sections.
pub(super) type ClientProblems = BTreeMap<ClientId, Vec<Problem>>;

/// The calendars that some section names, by their whole paths; why one could not be read.
pub(super) type Calendars = BTreeMap<PathBuf, Result<Calendar, String>>;

/// What the layers come to.
pub(super) struct Resolved {
    pub(super) policies: PolicyBook,
    /// The defaults, with the keys at the top of the file.
    pub(super) policy_builder: PolicyBuilder,
    pub(super) calendars: Calendars,
}

/// The policies of all clients. That of a client with problems is what could be read, and says what is wrong.
///
/// Problems are added to those that are known; the answer is `None` when the defaults are among them.
pub(super) fn resolve(
    layers: &Layers,
    problems: &mut Vec<Problem>,
    of_clients: &mut ClientProblems,
) -> Option<Resolved> {
    let document = &layers.document;
    let mut policy_builder = PolicyBuilder::empty();
    let mut unread = Unread::new();
    for key in &KEYS {
        if let Some(value) = key.built_in.value()
            && let Err(fault) = (key.read)(&mut policy_builder, "", &value)
        {
            let message = format!("`{}`{fault:?}", key.name);
            problems.push(Problem { spot: Location::BuiltIn, message });
        }
    }
    for entries in [&document.top, &document.defaults, &layers.variables] {
        apply(layers, entries, &mut policy_builder, &mut unread, problems);
    }
    let mut calendars = Calendars::new();
    let holidays = holidays(layers, &policy_builder, &mut calendars, problems);
    let rules_of_all = law::rules_of_all(layers, problems);
    policy_builder.own_rules = law::with_files(layers, &rules_of_all, &policy_builder, problems);
    law::check_off(layers, &document.defaults, &mut policy_builder, problems);
    let from_above = [&layers.variables, &document.defaults];
    let defaults = finish(layers, &policy_builder, holidays.clone(), &from_above, &unread, problems, |_| true);

    let mut clients = BTreeMap::new();
    for (client, section) in &document.clients {
        let (policy_builder, rules_of_all) = (&policy_builder, &rules_of_all[..]);
        let inherited = Inherited { layers, policy_builder, rules_of_all, holidays: &holidays, unread: &unread };
        let own = of_clients.entry(client.clone()).or_default();
        let policy = inherited.resolve(&section.entries, &mut calendars, own).or_else(|| defaults.clone());
        clients.extend(policy.map(|policy| (client.clone(), Policy { fault: fault(own), ..policy })));
    }
    of_clients.retain(|_, problems| !problems.is_empty());
    Some(Resolved { policies: PolicyBook::new(defaults?, clients), policy_builder, calendars })
}

/// The problems of a client in one line.
fn fault(problems: &mut Vec<Problem>) -> Option<String> {
    problems.sort();
    problems.dedup();
    let first = problems.first()?;
    Some(match problems.len() - 1 {
        0 => first.to_string(),
        more => format!("{first} (and {more} more: `callq config check` names them)"),
    })
}

/// What every client has from the layers above its section.
struct Inherited<'a> {
    layers: &'a Layers,
    policy_builder: &'a PolicyBuilder,
    /// The rows of `[[rules]]`.
    rules_of_all: &'a [Arc<Rule>],
    holidays: &'a Holidays,
    unread: &'a Unread,
}

impl Inherited<'_> {
    fn resolve(&self, entries: &Entries, calendars: &mut Calendars, problems: &mut Vec<Problem>) -> Option<Policy> {
        const OF_HOLIDAYS: [&str; 4] = ["holidays", "holiday_files", "holiday_exclude", "workdays"];
        let layers = self.layers;
        let (mut policy_builder, mut unread) = (self.policy_builder.clone(), self.unread.clone());
        apply(layers, entries, &mut policy_builder, &mut unread, problems);
        let holidays = if OF_HOLIDAYS.iter().any(|key| entries.contains_key(*key)) {
            // What is wrong with a calendar of the defaults has been told there.
            let mut inherited = Vec::new();
            let of_own = entries.contains_key("holiday_files");
            holidays(layers, &policy_builder, calendars, if of_own { problems } else { &mut inherited })
        } else {
            self.holidays.clone()
        };
        if entries.contains_key("law.rules_files") {
            policy_builder.own_rules = law::with_files(layers, self.rules_of_all, &policy_builder, problems);
        }
        law::check_off(layers, entries, &mut policy_builder, problems);
        // What a client inherits has been reported where it stands.
        let own = |broken: &Broken| broken.keys.iter().any(|key| entries.contains_key(*key));
        let from_above = [entries, &layers.variables, &layers.document.defaults];
        finish(layers, &policy_builder, holidays, &from_above, &unread, problems, own)
    }
}

/// Writes the entries of a layer over a policy_builder.
fn apply(
    layers: &Layers,
    entries: &Entries,
    policy_builder: &mut PolicyBuilder,
    unread: &mut Unread,
    problems: &mut Vec<Problem>,
) {
    for (name, entry) in entries {
        let last = name.rsplit('.').next().unwrap_or(name);
        match (entry.key.read)(policy_builder, last, &entry.value) {
            Ok(()) => {
                unread.remove(name);
            }
            Err(fault) => {
                unread.insert(name.clone());
                let faults = fault.0.into_iter();
                problems.extend(
                    faults.map(|(span, message)| layers.problem_of(entry, span.start, format!("`{name}`{message}"))),
                );
            }
        }
    }
}

/// The policy of a policy_builder; a rule that it breaks is reported at the uppermost layer that sets one of its keys.
fn finish(
    layers: &Layers,
    policy_builder: &PolicyBuilder,
    holidays: Holidays,
    from_above: &[&Entries],
    unread: &Unread,
    problems: &mut Vec<Problem>,
    is_reported: impl Fn(&Broken) -> bool,
) -> Option<Policy> {
    let broken = match rules::policy(policy_builder, holidays) {
        Ok(mut policy) => {
            let key_file = policy.dispatch.retell.as_mut().and_then(|retell| retell.api_key_file.as_mut());
            if let Some(path) = key_file {
                *path = layers.beside_file(path);
            }
            return Some(policy);
        }
        Err(broken) => broken,
    };
    for broken in broken {
        if !is_reported(&broken) || broken.keys.iter().any(|key| unread.contains(*key)) {
            continue;
        }
        let culprit = from_above.iter().find_map(|entries| broken.keys.iter().find_map(|key| entries.get(*key)));
        problems.push(match culprit {
            Some(entry) => layers.problem_of(entry, entry.value.span.start, broken.message),
            None => Problem { spot: Location::BuiltIn, message: broken.message },
        });
    }
    None
}

/// The holidays of a policy_builder: its list, and its calendars without what it leaves out.
fn holidays(
    layers: &Layers,
    policy_builder: &PolicyBuilder,
    calendars: &mut Calendars,
    problems: &mut Vec<Problem>,
) -> Holidays {
    let mut holidays = policy_builder.holidays.clone();
    for (path, span) in &policy_builder.holiday_files {
        let path = layers.beside_file(path);
        let read =
            calendars.entry(path.clone()).or_insert_with(|| read_calendar(&path).map_err(|error| error.to_string()));
        match read {
            Ok(calendar) => {
                let is_left_out = |event: &&super::calendar::ClosedDays| {
                    policy_builder.holiday_exclude.iter().any(|pattern| excludes(pattern, event))
                };
                for days in calendar.days.iter().filter(|days| !is_left_out(days)) {
                    let event = Arc::new(HolidayEvent { name: days.name.clone(), file: path.clone() });
                    days.dates.iter().for_each(|date| holidays.add_event(*date, &event));
                }
            }
            Err(error) => problems.push(layers.problem_at(span.start, format!("`holiday_files`: {error}"))),
        }
    }
    policy_builder.workdays.iter().for_each(|date| holidays.reopen(*date));
    holidays
}
