//! The configuration as `doctor` finds it, and the zone data that it is read with.

use std::collections::BTreeSet;

use super::findings::Findings;
use crate::commands::context::Context;
use crate::commands::telling::receiver_warnings;
use crate::config::{self, Settings};
use crate::model::ClientId;
use crate::scheduler::{HoursPolicy, LegalPlace, why_never, zone_data_is_stale, zone_data_version};

pub(super) fn configuration(
    settings: &Settings,
    queued: Option<Vec<ClientId>>,
    context: &Context<'_>,
    findings: &mut Findings,
) {
    let queued: Option<BTreeSet<ClientId>> = queued.map(|clients| clients.into_iter().collect());
    let never = |hours: &HoursPolicy, priority| {
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

pub(super) fn zone_data(context: &Context<'_>, findings: &mut Findings) {
    let version = zone_data_version();
    if zone_data_is_stale(context.now()) {
        let advice = "governments change their clocks every year, so that some zone is surely an hour off";
        findings.warning("zone data", format!("{version} is older than a year: {advice}; use a newer callq"));
    } else {
        findings.ok("zone data", version);
    }
}
