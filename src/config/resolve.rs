//! Resolves the layers key by key: built-in values, `[defaults]`, variables, `[clients.NAME]`, the last one wins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::calendar::read_calendar;
use super::document::Entries;
use super::draft::Draft;
use super::error::{Problem, Spot};
use super::keys::KEYS;
use super::law;
use super::layers::Layers;
use super::rules::{self, Broken};
use crate::compliance::Rule;
use crate::scheduler::{Holidays, Policy, PolicyBook};

/// The keys that could not be read: a rule about one of them has nothing to say.
type Unread = BTreeSet<String>;

/// The policies of all clients, and the draft of the defaults with the keys at the top of the file.
///
/// Problems are added to `problems`; the answer is `None` when the defaults are among them.
pub(super) fn resolve(layers: &Layers, problems: &mut Vec<Problem>) -> Option<(PolicyBook, Draft)> {
    let document = &layers.document;
    let mut draft = Draft::empty();
    let mut unread = Unread::new();
    for key in &KEYS {
        if let Some(value) = key.built_in.value()
            && let Err(fault) = (key.read)(&mut draft, "", &value)
        {
            let message = format!("`{}`{fault:?}", key.name);
            problems.push(Problem { spot: Spot::BuiltIn, message });
        }
    }
    for entries in [&document.top, &document.defaults, &layers.variables] {
        apply(layers, entries, &mut draft, &mut unread, problems);
    }
    draft.holidays = with_calendars(layers, &draft, problems);
    let rules_of_all = law::rules_of_all(layers, problems);
    draft.own_rules = [rules_of_all.clone(), law::rules_of_files(layers, &draft, problems)].concat();
    let from_above = [&layers.variables, &document.defaults];
    let defaults = finish(layers, &draft, &from_above, &unread, problems, |_| true);

    let mut clients = BTreeMap::new();
    for (client, section) in &document.clients {
        if let Some(policy) = resolve_client(layers, &draft, &rules_of_all, &section.entries, &unread, problems) {
            clients.insert(client.clone(), policy);
        }
    }
    Some((PolicyBook::new(defaults?, clients), draft))
}

fn resolve_client(
    layers: &Layers,
    defaults: &Draft,
    rules_of_all: &[Arc<Rule>],
    entries: &Entries,
    unread: &Unread,
    problems: &mut Vec<Problem>,
) -> Option<Policy> {
    let (mut draft, mut unread) = (defaults.clone(), unread.clone());
    apply(layers, entries, &mut draft, &mut unread, problems);
    if entries.contains_key("holidays") || entries.contains_key("holiday_files") {
        if !entries.contains_key("holidays") {
            // The draft of the defaults has the dates of its own calendars among its holidays.
            draft.holidays = plain_holidays(layers);
        }
        draft.holidays = with_calendars(layers, &draft, problems);
    }
    if entries.contains_key("law.rules_files") {
        draft.own_rules = [rules_of_all.to_vec(), law::rules_of_files(layers, &draft, problems)].concat();
    }
    // What a client inherits has been reported where it stands.
    let own = |broken: &Broken| broken.keys.iter().any(|key| entries.contains_key(*key));
    let from_above = [entries, &layers.variables, &layers.document.defaults];
    finish(layers, &draft, &from_above, &unread, problems, own)
}

/// Writes the entries of a layer over a draft.
fn apply(layers: &Layers, entries: &Entries, draft: &mut Draft, unread: &mut Unread, problems: &mut Vec<Problem>) {
    for (name, entry) in entries {
        let last = name.rsplit('.').next().unwrap_or(name);
        match (entry.key.read)(draft, last, &entry.value) {
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

/// The policy of a draft; a rule that it breaks is reported at the uppermost layer that sets one of its keys.
fn finish(
    layers: &Layers,
    draft: &Draft,
    from_above: &[&Entries],
    unread: &Unread,
    problems: &mut Vec<Problem>,
    is_reported: impl Fn(&Broken) -> bool,
) -> Option<Policy> {
    let broken = match rules::policy(draft) {
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
            None => Problem { spot: Spot::BuiltIn, message: broken.message },
        });
    }
    None
}

/// The holidays of `[defaults]` or of the built-in layer without any calendar.
fn plain_holidays(layers: &Layers) -> Holidays {
    let entry = layers.document.defaults.get("holidays");
    entry.and_then(|entry| super::draft::read_holidays(&entry.value).ok()).unwrap_or_default()
}

/// The holidays of a draft and of the calendars that it names.
fn with_calendars(layers: &Layers, draft: &Draft, problems: &mut Vec<Problem>) -> Holidays {
    let mut holidays = draft.holidays.clone();
    for (path, span) in &draft.holiday_files {
        let path = layers.beside_file(path);
        if let Err(error) = read_calendar(&path, &mut holidays) {
            problems.push(layers.problem_at(span.start, format!("`holiday_files`: {error}")));
        }
    }
    holidays
}
