//! How a run ends: its report, and the exit code that it comes to.

use crate::contract::{ClientCounts, Evidence, ProcessView};
use crate::engine::{EngineError, RunReport, StoppedBy};
use crate::error::{CommandError, ErrorKind};
use crate::output::{blocked_by, counted};

/// The exit code of a run that ended by itself.
pub(super) fn judge(report: RunReport) -> Result<(), CommandError> {
    let lost = report.not_recorded;
    if let Some(failure) = report.failure {
        return Err(if lost > 0 { not_recorded(lost, &failure) } else { failure.into() });
    }
    if let StoppedBy::Signal(number) = report.stopped_by {
        return Err(ended_by(number));
    }
    if let Some(forgotten) = forgotten(&report) {
        return Err(forgotten);
    }
    let blocked = || {
        let blocked = report.clients.iter().find_map(|(client, part)| Some((client, part.blocked_by.as_ref()?)));
        blocked.map(|(client, closed)| blocked_by(closed, client)).unwrap_or_default()
    };
    if let Some(wrong) = wrongly_configured(&report) {
        return Err(wrong);
    }
    if report.nothing_configured {
        return Err(CommandError::message(ErrorKind::Config, format!("nobody was called: {}", blocked())));
    }
    if report.only_unavailable {
        let hint = match report.totals.held {
            0 => "every lead is as it was; mend the dispatcher and run again".to_owned(),
            1 => "1 lead is held, `callq list --held` shows it; every other lead is as it was".to_owned(),
            held => format!("{held} leads are held, `callq list --held` shows them; every other lead is as it was"),
        };
        return Err(CommandError::message(ErrorKind::Dispatcher, blocked()).with_hint(hint));
    }
    Ok(())
}

/// That clients were left out; the others were called.
fn wrongly_configured(report: &RunReport) -> Option<CommandError> {
    let faults = report.clients.iter().filter_map(|(client, part)| match &part.blocked_by.as_ref()?.evidence {
        Evidence::Configuration(Some(fault)) => Some((client, fault)),
        _ => None,
    });
    let told: Vec<String> =
        faults.map(|(client, fault)| format!("nobody of client {client} was called: {fault}")).collect();
    (!told.is_empty()).then(|| {
        CommandError::message(ErrorKind::Config, told.join("\n"))
            .with_hint("`callq config check` names every fault; the configuration of the other clients holds")
    })
}

/// That the database forgot calls; its run was done nevertheless.
fn forgotten(report: &RunReport) -> Option<CommandError> {
    let why = "an older copy of the database was put back";
    if let Some(lease) = report.nameless_leases.first() {
        let lease = lease.display();
        let message = format!("{why}, and it does not know the call of the lease {lease}, which names nobody");
        return Some(
            CommandError::message(ErrorKind::Failed, message)
                .with_hint(format!("find out whom your dispatcher called then, and remove it: rm {lease}")),
        );
    }
    let first = report.forgotten_items.first()?;
    let ids: Vec<String> = report.forgotten_items.iter().take(10).map(ToString::to_string).collect();
    let more = report.forgotten_items.len().saturating_sub(ids.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let noun = if report.forgotten_items.len() == 1 { "item" } else { "items" };
    let message = format!("{why}: it forgot calls of {noun} {}{more}", ids.join(", "));
    Some(CommandError::message(ErrorKind::Failed, message).with_hint(format!(
        "`callq show {first}` tells what is known; once the call has ended, settle it by `callq report {first} --outcome \
         OUTCOME`, or call again by `callq retry {first}`"
    )))
}

/// The failure of a run that leaves outcomes unrecorded. Each outcome stands before it on standard error.
fn not_recorded(outcomes: u64, failure: &EngineError) -> CommandError {
    let outcomes = counted(outcomes, "outcome");
    CommandError::message(ErrorKind::Failed, format!("{failure}; {outcomes} could not be recorded"))
        .with_hint("the next run adopts what it finds beside the leases; bring the others by `callq report`")
}

/// The end of a run or of `watch` by a signal, after a clean stop.
pub(super) fn ended_by(signal: u8) -> CommandError {
    CommandError::message(ErrorKind::Signal(signal), format!("ended by signal {signal}"))
}

/// What a run says.
pub(super) fn view(report: &RunReport) -> ProcessView {
    ProcessView {
        run_id: report.run.to_string(),
        counts: report.totals,
        stopped_by: report.stopped_by.as_str().to_owned(),
        duration_ms: u64::try_from(report.duration.num_milliseconds()).unwrap_or(0),
        next_call_at: report.next_call_at,
        clients: report
            .clients
            .iter()
            .map(|(client, part)| ClientCounts {
                client_id: client.clone(),
                counts: part.counts,
                blocked_by: part.blocked_by.as_ref().map(|closed| blocked_by(closed, client)),
            })
            .collect(),
        errors: report.problems.clone(),
        simulated: report.simulated,
        recovered: report.recovered,
        settled: report.settled,
        held_items: report.held_items,
        failed_uncalled: report.failed_uncalled.clone(),
        not_recorded: report.not_recorded,
    }
}
