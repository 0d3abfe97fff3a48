//! `callq forecast`: what the queue will do.

use std::time::Duration;

use super::context::Context;
use super::what_if::assumed;
use crate::cli::Forecast;
use crate::error::{CommandError, ErrorKind};
use crate::model::ForecastBy;
use crate::output::RunProgress;
use crate::query::{ForecastRequest, forecast};
use crate::store::Access;

/// How long a person waits without a bar.
const PATIENCE: Duration = Duration::from_secs(1);

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
            if at > context.now() {
                return Ok(Some(at));
            }
            let local = context.zone(client.as_ref())?.format_local(at);
            Err(CommandError::message(ErrorKind::Usage, format!("{flag}: that time is past: {local}")))
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
