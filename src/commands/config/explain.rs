//! `callq config explain retry`

use chrono::{DateTime, Utc};

use crate::commands::context::Context;
use crate::contract::{LadderStepView, List};
use crate::error::CommandError;
use crate::model::{ClientId, Priority};
use crate::scheduler::{LegalPlace, Policy, next_retry_at, next_slot};

/// Later calls come at the longest delay, one like the other.
const MOST_RETRIES: u32 = 30;

pub(super) fn run(client: Option<&ClientId>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (policy, now) = (context.policy_or_defaults(client)?, context.now());
    let own = policy.retry.ladders.iter().filter(|(_, delays)| !delays.is_empty()).map(|(reason, _)| Some(&**reason));
    let reasons = own.chain([None]);
    let rows: Vec<LadderStepView> = reasons.flat_map(|reason| steps(&policy, reason, client, now)).collect();
    if rows.is_empty() {
        context.say(format_args!("No retries: `max_retries` is 0."));
    }
    context.show(&List { rows })?;
    if policy.retry.max_retries > MOST_RETRIES {
        let retries = policy.retry.max_retries;
        context.say(format_args!("the first {MOST_RETRIES} of {retries} retries are shown"));
    }
    Ok(())
}

/// The calls after one that is made now and ends at once, as each of the next ones does, for the same reason.
fn steps(policy: &Policy, reason: Option<&str>, client: Option<&ClientId>, now: DateTime<Utc>) -> Vec<LadderStepView> {
    let place = LegalPlace::home(&policy.hours);
    let mut called_at = Some(now);
    (1..=policy.retry.max_retries.min(MOST_RETRIES))
        .map_while(|failures| {
            let last = called_at?;
            let due_at = next_retry_at(&policy.retry, last, failures, reason, 0.0);
            let call_at = next_slot(&policy.hours, &place, Priority::Normal, due_at);
            called_at = call_at;
            let delay_minutes = (due_at - last).num_milliseconds() as f64 / 60_000.0;
            let (client_id, reason) = (client.cloned(), reason.map(str::to_owned));
            Some(LadderStepView { client_id, reason, call: failures + 1, delay_minutes, due_at, call_at })
        })
        .collect()
}
