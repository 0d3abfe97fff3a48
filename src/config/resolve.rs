//! Resolves the layers key by key: built-in values, `[defaults]`, variables, `[clients.NAME]`, the last one wins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::calendar::read_calendar;
use super::document::Entries;
use super::error::{Location, Problem};
use super::keys::KEYS;
use super::law;
use super::layers::Layers;
use super::policy_builder::PolicyBuilder;
use super::rules::{self, Broken};
use crate::compliance::Rule;
use crate::scheduler::{Holidays, Policy, PolicyBook};

/// The keys that could not be read: a rule about one of them has nothing to say.
type Unread = BTreeSet<String>;

/// The policies of all clients, and the policy_builder of the defaults with the keys at the top of the file.
///
/// Problems are added to `problems`; the answer is `None` when the defaults are among them.
pub(super) fn resolve(layers: &Layers, problems: &mut Vec<Problem>) -> Option<(PolicyBook, PolicyBuilder)> {
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
    policy_builder.holidays = with_calendars(layers, &policy_builder, problems);
    let rules_of_all = law::rules_of_all(layers, problems);
    policy_builder.own_rules = law::with_files(layers, &rules_of_all, &policy_builder, problems);
    law::check_off(layers, &document.defaults, &mut policy_builder, problems);
    let from_above = [&layers.variables, &document.defaults];
    let defaults = finish(layers, &policy_builder, &from_above, &unread, problems, |_| true);

    let mut clients = BTreeMap::new();
    for (client, section) in &document.clients {
        let section = &section.entries;
        if let Some(policy) = resolve_client(layers, &policy_builder, &rules_of_all, section, &unread, problems) {
            clients.insert(client.clone(), policy);
        }
    }
    Some((PolicyBook::new(defaults?, clients), policy_builder))
}

fn resolve_client(
    layers: &Layers,
    defaults: &PolicyBuilder,
    rules_of_all: &[Arc<Rule>],
    entries: &Entries,
    unread: &Unread,
    problems: &mut Vec<Problem>,
) -> Option<Policy> {
    let (mut policy_builder, mut unread) = (defaults.clone(), unread.clone());
    apply(layers, entries, &mut policy_builder, &mut unread, problems);
    if entries.contains_key("holidays") || entries.contains_key("holiday_files") {
        if !entries.contains_key("holidays") {
            // The policy_builder of the defaults has the dates of its own calendars among its holidays.
            policy_builder.holidays = plain_holidays(layers);
        }
        policy_builder.holidays = with_calendars(layers, &policy_builder, problems);
    }
    if entries.contains_key("law.rules_files") {
        policy_builder.own_rules = law::with_files(layers, rules_of_all, &policy_builder, problems);
    }
    law::check_off(layers, entries, &mut policy_builder, problems);
    // What a client inherits has been reported where it stands.
    let own = |broken: &Broken| broken.keys.iter().any(|key| entries.contains_key(*key));
    let from_above = [entries, &layers.variables, &layers.document.defaults];
    finish(layers, &policy_builder, &from_above, &unread, problems, own)
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
    from_above: &[&Entries],
    unread: &Unread,
    problems: &mut Vec<Problem>,
    is_reported: impl Fn(&Broken) -> bool,
) -> Option<Policy> {
    let broken = match rules::policy(policy_builder) {
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

/// The holidays of `[defaults]` or of the built-in layer without any calendar.
fn plain_holidays(layers: &Layers) -> Holidays {
    let entry = layers.document.defaults.get("holidays");
    entry.and_then(|entry| super::policy_builder::read_holidays(&entry.value).ok()).unwrap_or_default()
}

/// The holidays of a policy_builder and of the calendars that it names.
fn with_calendars(layers: &Layers, policy_builder: &PolicyBuilder, problems: &mut Vec<Problem>) -> Holidays {
    let mut holidays = policy_builder.holidays.clone();
    for (path, span) in &policy_builder.holiday_files {
        let path = layers.beside_file(path);
        if let Err(error) = read_calendar(&path, &mut holidays) {
            problems.push(layers.problem_at(span.start, format!("`holiday_files`: {error}")));
        }
    }
    holidays
}
