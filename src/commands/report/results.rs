//! The results that are reported, and the times that they name.

use crate::cli::Report;
use crate::commands::context::Context;
use crate::commands::input::encoding;
use crate::engine::read_time;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{OpenError, read_results};
use crate::model::{CallReport, CallResult, WrittenTime};
use crate::store::Store;

/// The results that are reported, each with its line when it comes from standard input.
pub(super) fn read(args: &Report, context: &Context<'_>) -> Result<Vec<(Option<u64>, CallReport)>, CommandError> {
    if let (Some(target), Some(outcome)) = (&args.target, args.outcome) {
        let time = args.at.as_ref().map(|text| WrittenTime { text: text.clone(), on_leads_clock: false });
        let result = outcome.result(args.reason.clone()).at_written(outcome, time);
        let result = CallResult { call_id: args.call_id.clone(), ..result };
        return Ok(vec![(None, CallReport { target: target.clone(), result, duration_ms: None })]);
    }
    let encoding = encoding(args.encoding.as_deref())?;
    let results = read_results((context.stdin)(), encoding).map_err(|fault| match fault {
        OpenError::Refused { message, hint } => {
            CommandError::message(ErrorKind::Usage, format!("standard input, {message}")).with_hint(hint)
        }
        OpenError::Read(error) => CommandError::new(ErrorKind::Failed, error),
    })?;
    Ok(results.into_iter().map(|(line, report)| (Some(line), report)).collect())
}

/// Reads the time that a report names on the clock of its client or lead.
pub(super) fn read_its_time(
    line: Option<u64>,
    report: &mut CallReport,
    store: &Store,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let place = line.map_or_else(|| "--at".to_owned(), |line| format!("standard input, line {line}: retry_at"));
    let refused =
        |fault: String| CommandError::message(ErrorKind::Usage, format!("{place}: {fault}; nothing was changed"));
    if let Some(time) = report.result.written_time.take() {
        // The report itself names an item that does not exist.
        let Some(item) = store.reported_item(&report.target)? else { return Ok(()) };
        let at = read_time(&*context.policy(&item.client)?, &item, &time, context.now());
        report.result.retry_at = Some(at.map_err(refused)?);
    }
    let Some(past) = report.result.promised_at().filter(|at| *at < context.now()) else { return Ok(()) };
    let Some(item) = store.reported_item(&report.target)? else { return Ok(()) };
    let at = context.policy(&item.client)?.hours.zone.format_local(past);
    Err(refused(format!("no call can be promised for a time that has passed, {at}")))
}
