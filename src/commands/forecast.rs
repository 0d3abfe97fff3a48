//! `callq forecast`: what the queue will do.

use std::time::Duration;

use super::context::Context;
use crate::cli::{Forecast, WhatIf};
use crate::config;
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, ForecastBy};
use crate::output::RunProgress;
use crate::query::{ForecastRequest, forecast};
use crate::scheduler::PolicyBook;
use crate::store::Access;

/// How long a person waits without a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// The key of `--what-if` that is none of the configuration.
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

pub(super) fn run(args: &Forecast, context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Read)?;
    let client = context.known_client(&args.client, Some(&store))?;
    if let Some(client) = &client {
        context.policy(client)?;
    }
    let time = |flag: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => {
            let at = context.time(flag, text, client.as_ref())?;
            let is_to_come = at > context.now();
            let message = format!("{flag}: that time is past");
            if is_to_come { Ok(Some(at)) } else { Err(CommandError::message(ErrorKind::Usage, message)) }
        }
    };
    let (until, finish_by) = (time("--until", &args.until)?, time("--finish-by", &args.finish_by)?);
    if finish_by.is_some() && client.is_none() {
        return Err(CommandError::message(ErrorKind::Usage, "--finish-by: a plan is for one client")
            .with_hint("give -c NAME or set CALLQ_CLIENT"));
    }
    let (policies, new_leads) = assumed(&args.what_if, client.as_ref(), context)?;
    let request = ForecastRequest {
        client,
        until,
        runs: args.runs,
        seed: args.seed,
        new_leads,
        finish_by,
        confidence: args.confidence,
        by_hour: args.by == ForecastBy::Hour,
    };
    let bar = RunProgress::new(context.surroundings.stderr_is_terminal && !context.global.quiet, PATIENCE);
    let view = forecast(&store, &policies, &request, context.now(), &|| bar.advance())?;
    drop(bar);
    context.show(&view)
}

/// The policies under what is assumed, and the new leads of a day.
fn assumed(
    what_if: &[WhatIf],
    client: Option<&ClientId>,
    context: &Context<'_>,
) -> Result<(PolicyBook, u32), CommandError> {
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

/// More new leads than that on a day are a mistake.
const MOST_LEADS: u32 = 1_000_000;
