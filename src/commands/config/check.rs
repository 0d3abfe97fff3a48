//! `callq config check`

use std::collections::BTreeSet;

use super::client::queue;
use crate::commands::check_row::check_row;
use crate::commands::context::Context;
use crate::commands::one_clock::one_clock;
use crate::commands::reschedule::later_slots;
use crate::commands::runs::run_warnings;
use crate::commands::telling::receiver_warnings;
use crate::config::{self, Settings};
use crate::contract::CheckRow;
use crate::error::{CommandError, ErrorKind};
use crate::model::ClientId;
use crate::output::counted;
use crate::scheduler::{LegalPlace, why_never};

pub(super) fn run(context: &mut Context<'_>) -> Result<(), CommandError> {
    let (settings, problems) = config::load_with_problems(&context.surroundings.locations)?;
    let mut rows: Vec<CheckRow> = problems.iter().map(|problem| check_row("error", problem)).collect();
    if let Some(settings) = &settings {
        // A warning about a value that is no value would say the same in other words.
        let keys: Vec<&str> = problems.iter().filter_map(|problem| problem.message.split('`').nth(1)).collect();
        let is_told = |row: &CheckRow| keys.iter().any(|key| row.detail.contains(&format!("`{key}`")));
        rows.extend(warning_rows(settings, context).into_iter().filter(|row| !is_told(row)));
    }
    if rows.is_empty() {
        let path = settings.as_ref().and_then(Settings::path).filter(|path| path.exists());
        let check = path.map_or_else(|| "built-in".to_owned(), |path| path.display().to_string());
        rows.push(CheckRow { check, verdict: "ok", detail: "no errors and no warnings".to_owned() });
    }
    context.show_checks(rows)?;
    if problems.is_empty() {
        return Ok(());
    }
    let errors = counted(problems.len() as u64, "error");
    Err(CommandError::message(ErrorKind::Config, format!("{errors} in the configuration")))
}

/// Everything that a configuration warns of.
fn warning_rows(settings: &Settings, context: &Context<'_>) -> Vec<CheckRow> {
    let now = context.now();
    let store = queue(settings, context);
    let queued = store.as_ref().and_then(|store| store.clients().ok());
    let queued: Option<BTreeSet<ClientId>> = queued.map(|clients| clients.into_iter().collect());
    let never =
        |hours: &_, priority| why_never(hours, &LegalPlace::home(hours), priority, now).map(|never| never.to_string());
    let warnings = config::warnings(settings, &context.surroundings.locations, queued.as_ref(), &never, now);
    let law = config::law_warnings(settings, None, now).into_iter().chain(config::purpose_warning(settings));
    let told = receiver_warnings(settings, context);
    let mut rows: Vec<CheckRow> =
        warnings.into_iter().chain(law).chain(told).map(|warning| check_row("warning", &warning)).collect();
    let later = store.as_ref().map(|store| later_slots(store, settings, None, context));
    let clock = store.as_ref().map(|store| one_clock(store, &settings.policies));
    let runs = store.as_ref().and_then(|store| run_warnings(store, &settings.policies, now).ok());
    let said = [later, clock].into_iter().filter_map(|said| said?.ok()?);
    for detail in said.chain(runs.unwrap_or_default()) {
        rows.push(CheckRow { check: "queue".to_owned(), verdict: "warning", detail });
    }
    rows
}
