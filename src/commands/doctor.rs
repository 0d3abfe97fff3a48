//! `callq doctor`

mod content;
mod files;
mod findings;
mod keys;
mod leases;

use std::collections::BTreeSet;
use std::path::Path;

use findings::Findings;

use super::context::Context;
use super::one_clock::one_clock;
use super::reschedule;
use super::runs::run_warnings;
use super::telling::receiver_warnings;
use crate::cli::Doctor;
use crate::config::{self, Settings};
use crate::error::CommandError;
use crate::model::{ClientId, to_text};
use crate::output::span;
use crate::query::{asked_registries, event_status};
use crate::scheduler::{LegalPlace, why_never, zone_data_is_stale, zone_data_version};
use crate::store::{Access, Store, StoreError, StoreResult};

pub(super) fn run(_args: &Doctor, context: &mut Context<'_>) -> Result<(), CommandError> {
    let mut findings = Findings::default();
    let settings = context.settings();
    let path = match &settings {
        Ok(settings) => settings.database_path(&context.surroundings.locations).map_err(|error| error.to_string()),
        Err(_) => context
            .surroundings
            .locations
            .named_database()
            .ok_or_else(|| "not known while the configuration is wrong; --db names it".to_owned()),
    };
    let store = path.as_ref().ok().map(|path| Store::open(path, Access::Look));
    let queued = store.as_ref().and_then(|store| store.as_ref().ok()?.clients().ok());
    match &settings {
        Ok(settings) => {
            configuration(settings, queued, context, &mut findings);
            keys::keys(settings, context, &mut findings);
        }
        Err(error) => {
            let text = error.to_string();
            // Several places have a heading, which says only how many there are.
            let heading = usize::from(text.lines().count() > 1);
            text.lines().skip(heading).for_each(|line| findings.error("configuration", line));
        }
    }
    zone_data(context, &mut findings);
    content::sqlite(&mut findings);
    match (&path, store) {
        (Ok(path), Some(store)) => database(path, store, context, &mut findings),
        (Err(reason), _) => findings.error("database", reason),
        (Ok(_), None) => {}
    }
    findings.tell(context)
}

fn configuration(settings: &Settings, queued: Option<Vec<ClientId>>, context: &Context<'_>, findings: &mut Findings) {
    let queued: Option<BTreeSet<ClientId>> = queued.map(|clients| clients.into_iter().collect());
    let never = |hours: &crate::scheduler::HoursPolicy, priority| {
        why_never(hours, &LegalPlace::home(hours), priority, context.now()).map(|never| never.to_string())
    };
    let warnings = config::warnings(settings, &context.surroundings.locations, queued.as_ref(), &never, context.now());
    match settings.path() {
        Some(path) if path.exists() => {
            let clients = settings.policies.clients().count();
            findings.ok("configuration", format!("{}: clients with a section: {clients}", path.display()));
        }
        Some(path) => findings.ok("configuration", format!("built-in values: there is no {}", path.display())),
        None => findings.ok("configuration", "built-in values: there is no home directory"),
    }
    for client in settings.policies.faults().map(|(client, _)| client) {
        let wrong = settings.problems_of(client);
        for problem in wrong.iter().flat_map(config::ConfigError::problems) {
            findings.error("configuration", format!("client {client} is not called: {problem}"));
        }
    }
    warnings.iter().for_each(|warning| findings.warning("configuration", warning.to_string()));
    for warning in receiver_warnings(settings, context) {
        findings.warning("configuration", warning.to_string());
    }
    if let Some(warning) = config::purpose_warning(settings) {
        findings.warning("rules", warning.message);
    }
}

fn zone_data(context: &Context<'_>, findings: &mut Findings) {
    let version = zone_data_version();
    if zone_data_is_stale(context.now()) {
        let advice = "governments change their clocks every year, so that some zone is surely an hour off";
        findings.warning("zone data", format!("{version} is older than a year: {advice}; use a newer callq"));
    } else {
        findings.ok("zone data", version);
    }
}

fn database(path: &Path, store: StoreResult<Store>, context: &Context<'_>, findings: &mut Findings) {
    match store {
        Err(StoreError::Missing(_)) => {
            findings.ok("database", format!("none yet at {}: `callq add` makes it", path.display()));
            return clock(None, context, findings);
        }
        Err(error) => findings.error("database", error.to_string()),
        Ok(store) if store.is_older().unwrap_or(false) => {
            // Its tables are not those that the other checks read.
            if let Err(error) = content::older(path, &store, findings) {
                findings.error("database", format!("{}: {error}", path.display()));
            }
        }
        Ok(store) => {
            type Check = fn(&Path, &Store, &mut Findings) -> StoreResult<()>;
            let checks: [(&str, Check); 3] = [
                ("database", content::content),
                ("calls", leases::leases),
                ("held", |_, store, findings| content::held(store, findings)),
            ];
            for (name, check) in checks {
                if let Err(error) = check(path, &store, findings) {
                    findings.error(name, format!("{}: {error}", path.display()));
                }
            }
            type Look = fn(&Store, &Context<'_>, &mut Findings) -> StoreResult<()>;
            let looks: [(&str, Look); 5] = [
                ("events", events),
                ("registries", registries),
                ("slots", later_slots),
                ("runs", runs),
                ("callbacks", missed_callbacks),
            ];
            for (name, look) in looks {
                if let Err(error) = look(&store, context, findings) {
                    findings.error(name, error.to_string());
                }
            }
            clock(Some(&store), context, findings);
            files::disk(&store, findings);
            files::log(path, findings);
        }
    }
    files::permissions(path, findings);
}

/// The events that wait for hooks and webhooks. Without a receiver and an event it says nothing.
fn events(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let status = event_status(store)?;
    let way_out = "`callq events list` says why, `callq events retry` tries again";
    if status.dead > 0 {
        findings.warning("events", format!("{} dead, never delivered: {way_out}", status.dead));
    }
    let late = status.waits_since(context.now());
    if let Some(since) = late {
        let length = span(context.now() - since);
        findings.warning("events", format!("{} to be delivered, the oldest for {length}: {way_out}", status.waiting));
    }
    let receivers = context.settings().map_or(0, |settings| settings.receivers.all().len());
    if receivers > 0 && status.dead == 0 && late.is_none() {
        findings.ok("events", format!("receivers: {receivers}; events to be delivered: {}", status.waiting));
    }
    Ok(())
}

fn missed_callbacks(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let count = store.missed_callbacks(None, context.now())?;
    let calls = if count == 1 { "promised call was" } else { "promised calls were" };
    if count > 0 {
        findings.warning("callbacks", format!("{count} {calls} missed: callq list --callbacks"));
    }
    Ok(())
}

/// Whether a run comes, and whether the dispatchers of the last ones could be started.
fn runs(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let Ok(settings) = context.settings() else { return Ok(()) };
    for warning in run_warnings(store, &settings.policies, context.now())? {
        findings.warning("runs", warning);
    }
    Ok(())
}

/// The copies of the registries that the configuration asks: without a fresh one the calls of its clients wait.
fn registries(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let Ok(settings) = context.settings() else { return Ok(()) };
    let today = settings.policies.defaults().hours.zone.local(context.now()).date();
    for (name, days) in asked_registries(store, &settings.policies, context.now())? {
        let import = format!("callq dnc import {name} -f FILE --as-of DATE");
        match store.registry(&name)? {
            None => findings.warning("registries", format!("{name} has no copy, and calls wait for it: {import}")),
            Some(copy) if today > copy.fresh_until(days) => {
                let old = format!("the copy of {name} as of {} is too old, and calls wait for it", copy.as_of);
                findings.warning("registries", format!("{old}: {import}"));
            }
            Some(copy) => {
                let until = copy.fresh_until(days);
                findings.ok("registries", format!("{name} as of {}, fresh until {until}", copy.as_of));
            }
        }
    }
    Ok(())
}

/// Items that wait for longer than the hours of today ask for.
fn later_slots(store: &Store, context: &Context<'_>, findings: &mut Findings) -> StoreResult<()> {
    let Ok(settings) = context.settings() else { return Ok(()) };
    if let Some(words) = reschedule::later_slots(store, &settings, None, context)? {
        findings.warning("slots", words);
    }
    if let Some(words) = one_clock(store, &settings.policies)? {
        findings.warning("order", words);
    }
    Ok(())
}

fn clock(store: Option<&Store>, context: &Context<'_>, findings: &mut Findings) {
    let now = context.now();
    match store.map(|store| store.future_attempts(now)).transpose() {
        Ok(None | Some(None)) => {
            let by = if context.clock.is_real() { "" } else { ", set by CALLQ_NOW" };
            findings.ok("clock", format!("{}{by}; no attempt lies in the future", to_text(now)));
        }
        Ok(Some(Some(future))) => {
            let others = match future.count {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let (at, ahead) = (to_text(future.started_at), span(future.started_at - now));
            let attempt = format!("attempt {} of item {}", future.newest, future.item);
            findings.warning(
                "clock",
                format!("{attempt} started at {at}, {ahead} in the future{others}: the clock was set back"),
            );
        }
        Err(error) => findings.error("clock", error.to_string()),
    }
}
