//! Delivers events beside a command, and names the secrets that no program gets.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use crate::config::{self, Problem, Settings};
use crate::dispatch::LeaseFolder;
use crate::error::CommandError;
use crate::events::{Delivery, DeliveryPlace, WebhookSecret};
use crate::interrupt::Interrupt;
use crate::model::{EventTarget, SecretPlace};

/// How long a run delivers after its last call.
const GRACE: Duration = Duration::from_secs(10);

/// Begins to deliver from a database, and says which receivers this process cannot reach. None without receivers.
pub(super) fn begin(
    database: PathBuf,
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<Option<Delivery>, CommandError> {
    let environment = context.environment.clone();
    let place = DeliveryPlace {
        receivers: settings.receivers.clone(),
        leases: LeaseFolder::open(&database),
        database,
        clock: context.clock.clone(),
        programs: environment.without(&secret_variables(settings)),
        variables: Arc::new(move |name| environment.get(name).map(OsStr::to_owned)),
    };
    let delivery = Delivery::begin(place)?;
    for (receiver, fault) in delivery.iter().flat_map(Delivery::faults) {
        context.say(format_args!("warning: events for {receiver} wait: {fault}"));
    }
    Ok(delivery)
}

/// Delivers what is left, for the time that a run has for it. A signal ends it at once.
pub(super) fn end(delivery: Option<Delivery>, interrupt: &dyn Interrupt) {
    if let Some(delivery) = delivery {
        delivery.end(Some(GRACE), &|| interrupt.signal().is_none());
    }
}

/// What keeps events from their receivers, as far as the configuration and this environment tell.
pub(super) fn receiver_warnings(settings: &Settings, context: &Context<'_>) -> Vec<Problem> {
    let environment = context.environment.clone();
    let variables = move |name: &str| environment.get(name).map(OsStr::to_owned);
    let secret_fault =
        |place: &SecretPlace| WebhookSecret::read(place, &variables).err().map(|error| error.to_string());
    config::receiver_warnings(settings, context.surroundings.locations.path.as_deref(), &secret_fault)
}

/// The environment variables that hold keys of providers and secrets of webhooks, which no program is given.
pub(super) fn secret_variables(settings: &Settings) -> Vec<String> {
    let named = settings.policies.all().filter_map(|policy| policy.dispatch.retell.as_ref());
    let mut names: Vec<String> = named.map(|retell| retell.api_key_env.clone()).collect();
    names.push("RETELL_API_KEY".to_owned());
    names.extend(settings.receivers.all().iter().filter_map(|receiver| match &receiver.target {
        EventTarget::Webhook { secret: SecretPlace::Variable(name), .. } => Some(name.clone()),
        EventTarget::Webhook { secret: SecretPlace::File(_), .. } | EventTarget::Hook { .. } => None,
    }));
    names.sort();
    names.dedup();
    names
}
