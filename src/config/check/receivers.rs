//! Warns of hooks and webhooks that no event can reach.

use std::ffi::OsStr;

use super::program_fault;
use crate::config::error::Problem;
use crate::config::load::Settings;
use crate::model::{EventTarget, SecretPlace};

/// Why a secret cannot be used; none when it can. An argument, since it depends on the environment.
pub type SecretFault<'a> = &'a dyn Fn(&SecretPlace) -> Option<String>;

/// What keeps events from their receivers, each at its row. `path` is the value of `PATH`.
pub fn receiver_warnings(settings: &Settings, path: Option<&OsStr>, secret_fault: SecretFault<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    for (row, receiver) in settings.layers.document.receivers.iter().zip(settings.receivers.all()) {
        let (field, fault) = match &receiver.target {
            EventTarget::Hook { command } => {
                ("command", command.first().and_then(|program| program_fault(program, path)))
            }
            EventTarget::Webhook { secret: place @ SecretPlace::Variable(_), .. } => {
                ("secret_env", secret_fault(place))
            }
            EventTarget::Webhook { secret: place @ SecretPlace::File(_), .. } => ("secret_file", secret_fault(place)),
        };
        if let Some(fault) = fault {
            let message = format!("{}: {fault}: its events wait", receiver.name);
            found.push(settings.layers.problem_at(row.span_of(field).start, message));
        }
    }
    found
}
