//! `--what-if`: the settings under which a forecast is made.

use super::context::Context;
use super::input::named_twice;
use crate::cli::WhatIf;
use crate::config;
use crate::error::{CommandError, ErrorKind};
use crate::model::ClientId;
use crate::scheduler::PolicyBook;

/// The key of `--what-if` that the configuration does not have.
const LEADS: &str = "leads";

/// The keys and groups of keys that a forecast goes by.
const READ: [&str; 23] = [
    "timezone",
    "active_days",
    "holidays",
    "holiday_files",
    "holiday_exclude",
    "workdays",
    "max_concurrent",
    "max_per_minute",
    "max_retries",
    "retry_delays",
    "retry_multiplier",
    "retry_max_delay",
    "retry_jitter",
    "retry_ladder",
    "aging",
    "business_hours",
    "calling_hours",
    "priority_weights",
    "law.purpose",
    "law.voice",
    "law.rules",
    "law.rules_off",
    "law.caps",
];

/// More new leads than that on a day are a mistake.
const MOST_LEADS: u32 = 1_000_000;

/// The policies under what is assumed, and the new leads of a day.
pub(super) fn assumed(
    what_if: &[WhatIf],
    client: Option<&ClientId>,
    context: &Context<'_>,
) -> Result<(PolicyBook, u32), CommandError> {
    if let Some(key) = named_twice(what_if.iter().map(|assumed| &assumed.key)) {
        let message = format!("--what-if: `{key}` is named twice: give it one value");
        return Err(CommandError::message(ErrorKind::Usage, message));
    }
    let (leads, keys): (Vec<&WhatIf>, Vec<&WhatIf>) = what_if.iter().partition(|assumed| assumed.key == LEADS);
    let new_leads = leads.last().map_or(Ok(0), |leads| {
        let count = leads.value.trim().parse().ok().filter(|count| *count <= MOST_LEADS);
        let message = || format!("--what-if: leads: write a whole number up to {MOST_LEADS}, not `{}`", leads.value);
        count.ok_or_else(|| CommandError::message(ErrorKind::Usage, message()))
    })?;
    if keys.is_empty() {
        return Ok((context.settings()?.policies.clone(), new_leads));
    }
    let values: Vec<(String, String)> = keys.iter().map(|known| (known.key.clone(), known.value.clone())).collect();
    let settings = config::with_values(&context.surroundings.locations, client, &values)?;
    for WhatIf { key, .. } in keys {
        let is_read = READ.iter().any(|read| key == read || key.starts_with(&format!("{read}.")));
        if !is_read {
            let message = format!("--what-if: `{key}` changes no forecast");
            return Err(CommandError::message(ErrorKind::Usage, message)
                .with_hint("`callq forecast --help` says what a forecast goes by"));
        }
    }
    if let Some(wrong) = client.and_then(|client| settings.problems_of(client)) {
        return Err(wrong.into());
    }
    Ok((settings.policies, new_leads))
}
