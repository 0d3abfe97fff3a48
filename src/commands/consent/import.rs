//! `callq consent import`

use std::path::Path;

use super::store_of::store_of;
use crate::commands::context::Context;
use crate::commands::input::unreadable_input;
use crate::compliance::CallingCode;
use crate::contract::ConsentCountView;
use crate::enqueue::Planner;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{Entry, InputRules, OpenError, Records};
use crate::model::{ClientId, ColumnChoice, LeadField, LeadRequest, NewConsent, PhoneNumber};

pub(super) fn run(client: &ClientId, file: &Path, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (input, name) = context.open_input(file)?;
    let is_stdin = file.as_os_str() == "-";
    let (policy, now) = (context.policy(client)?, context.now());
    let country_code = CallingCode::of_client(&policy);
    // A column of this name is meant even if its first values are no kinds: such a record has a fault.
    let columns =
        vec![ColumnChoice { field: LeadField::Consent, header: Some(LeadField::Consent.as_str().to_owned()) }];
    let rules = InputRules { client_is_known: true, country_code, columns, ..InputRules::default() };
    let records = Records::open(input, (!is_stdin).then_some(file), rules).map_err(|error| match error {
        OpenError::Read(error) => unreadable_input(&name, &error),
        OpenError::Refused { message, hint } => {
            CommandError::message(ErrorKind::Refused, format!("{name}: {message}; nothing was changed"))
                .with_hint(&hint)
        }
    })?;
    let mut planner = Planner::new(&policy, now);
    let mut consents = Vec::new();
    // All of them are read before one is written: a file with a fault changes nothing.
    for entry in records {
        let entry = entry.map_err(|error| unreadable_input(&name, &error))?;
        consents.push(consent_of(entry, &mut planner).map_err(|fault| {
            CommandError::message(ErrorKind::Refused, format!("{name}, {fault}; nothing was changed"))
        })?);
    }
    let mut store = store_of(client, context)?;
    let actor = context.actor().clone();
    let added = store.add_consents(client, &consents, &actor, now)? as u64;
    let existing = consents.len() as u64 - added;
    context.show_timeless(&ConsentCountView { added, existing, withdrawn: 0 })
}

/// The consent of a record, or what is wrong with it.
fn consent_of(entry: Entry, planner: &mut Planner<'_>) -> Result<(PhoneNumber, NewConsent), String> {
    let line = entry.line;
    let LeadRequest { fields, .. } = entry.parsed.map_err(|bad| bad.to_string())?.request;
    let call = planner.read_fields(fields).map_err(|error| format!("line {line}, field `{}`: {error}", error.field))?;
    call.consent_of_number().ok_or_else(|| format!("line {line}: the record has no phone with a consent"))
}
