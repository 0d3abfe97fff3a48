//! `callq consent add`

use super::store_of::store_of;
use crate::cli::Numbers;
use crate::commands::context::Context;
use crate::contract::{ConsentView, List};
use crate::enqueue::{FieldError, Planner};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, Consent, ConsentFields, NewConsent, PhoneNumber};

pub(super) fn run(
    numbers: &Numbers,
    client: &ClientId,
    fields: ConsentFields,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let numbers = context.phone_numbers(numbers, Some(client))?;
    let (policy, now) = (context.policy(client)?, context.now());
    let new = Planner::new(&policy, now).consent(fields).map_err(|error| wrong_flag(&error))?;
    let Some(new) = new else { return Ok(()) };
    let mut store = store_of(client, context)?;
    let actor = context.actor().clone();
    let consents: Vec<(PhoneNumber, NewConsent)> = numbers.into_iter().map(|number| (number, new.clone())).collect();
    store.add_consents(client, &consents, &actor, now)?;
    let rows = consents.iter().map(|(number, new)| {
        let consent = Consent { id: 0, new: new.clone(), withdrawn_at: None };
        ConsentView::new(number.to_string(), client.clone(), &consent, actor.as_str().to_owned())
    });
    let rows = rows.collect();
    context.show(&List { rows })
}

fn wrong_flag(error: &FieldError) -> CommandError {
    let flag = error.field.trim_start_matches("consent_").replace('_', "-");
    CommandError::message(ErrorKind::Usage, format!("--{flag}: {error}"))
}
