//! The start of one program: its arguments, its environment and the lease that it inherits.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use super::arguments::arguments;
use super::programs::Programs;
use crate::dispatch::call::Call;
use crate::dispatch::start_gate::{Closed, StartAnswer, StartGate};
use crate::model::{CallResult, Environment, Outcome};
use crate::trusted_file::Untrusted;

/// The variable that holds the credentials of the Retell dispatcher unless the configuration names another.
const RETELL_KEY: &str = "RETELL_API_KEY";

/// Why no program runs for a call.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It may not be placed any more.
    Closed(Closed),
    /// It ended so at once.
    Ended {
        /// How the call ended.
        result: Box<CallResult>,
        /// Whether the program cannot be started at all, for any lead.
        could_not_start: bool,
    },
}

/// Starts the program of a call in a process group of its own, with pipes to its three streams.
///
/// No hook runs between fork and exec, and no user or group is set: so the standard library uses `posix_spawn`, which
/// does not copy this process. Signals that this process handles are at their default in the program.
///
/// The gate is asked last, and its permit is held until the program runs.
///
/// # Errors
/// The outcome of the call when there is nothing to wait for.
pub(super) fn launch(
    call: &Call,
    environment: &Environment,
    gate: &dyn StartGate,
    programs: &mut Programs,
) -> Result<Child, Refusal> {
    let refusal = |outcome, reason: String| Refusal::Ended {
        result: Box::new(CallResult::of(outcome).because(reason)),
        could_not_start: false,
    };
    let arguments = arguments(call).map_err(|reason| refusal(Outcome::Failed, reason))?;
    let program = call.settings.command.first().map(String::as_str).unwrap_or_default();
    let cannot_start = |reason: String| Refusal::Ended {
        result: Box::new(CallResult::of(Outcome::Unavailable).because(format!("cannot start {program}: {reason}"))),
        could_not_start: true,
    };
    let mut command =
        prepared(programs, program, &arguments).map_err(|untrusted| cannot_start(untrusted.to_string()))?;
    set_environment(&mut command, call, environment);
    let _until_it_runs = match gate.ask(call.attempt, call.item.id) {
        StartAnswer::Open(permit) => permit,
        StartAnswer::Closed(closed) => return Err(Refusal::Closed(closed)),
    };
    call.lease
        .mark_started()
        .map_err(|error| refusal(Outcome::Returned, format!("the lease cannot be written: {error}")))?;
    call.lease.inherited(|| command.spawn()).flatten().map_err(|error| cannot_start(error.to_string()))
}

/// A program in a process group of its own, with pipes to its three streams.
///
/// # Errors
/// When others may write its file.
pub(super) fn prepared(programs: &mut Programs, program: &str, arguments: &[String]) -> Result<Command, Untrusted> {
    let mut command = Command::new(programs.file(program)?);
    command
        .arg0(program)
        .args(arguments)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

/// Gives the program this environment, and the call.
pub(super) fn set_environment(command: &mut Command, call: &Call, environment: &Environment) {
    let item = &call.item;
    command
        .env_clear()
        .envs(environment.iter())
        .env_remove(RETELL_KEY)
        .env("CALLQ_ATTEMPT_ID", call.attempt.to_string())
        .env("CALLQ_ITEM_ID", item.id.to_string())
        .env("CALLQ_CLIENT_ID", item.client.as_str())
        .env("CALLQ_LEAD_ID", item.lead.as_str())
        .env("CALLQ_PRIORITY", item.priority.as_str())
        .env("CALLQ_ATTEMPT", call.number.to_string())
        .env("CALLQ_RESULT_FILE", &call.result_file);
    match &item.phone {
        Some(phone) => command.env("CALLQ_PHONE", phone.as_str()),
        None => command.env_remove("CALLQ_PHONE"),
    };
}
