//! `callq consent`

use std::path::Path;

use super::context::{Context, output_failed};
use super::input::unreadable_input;
use crate::cli::{ConsentAction, ConsentCommand, Numbers};
use crate::compliance::CallingCode;
use crate::contract::{ConsentCountView, ConsentView, List};
use crate::enqueue::{FieldError, Planner};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{Entry, InputRules, OpenError, Records};
use crate::model::{ClientId, ColumnChoice, Consent, ConsentFields, LeadField, LeadRequest, NewConsent, PhoneNumber};
use crate::store::{Access, ConsentFilter, Store};

/// This number of consents is read or written at once.
const PAGE: usize = 1_000;

pub(super) fn run(args: &ConsentCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        ConsentAction::Add { numbers, client, kind, at, until, proof } => {
            let fields =
                ConsentFields { kind: Some(*kind), at: at.clone(), until: until.clone(), proof: proof.clone() };
            add(numbers, client, fields, context)
        }
        ConsentAction::Withdraw { numbers, client } => withdraw(numbers, client.as_ref(), context),
        ConsentAction::List { client, phone, ended } => list(client.as_ref(), phone.as_ref(), *ended, context),
        ConsentAction::Import { client, file } => import(client, file, context),
    }
}

/// Opens the database to write consents of a client that is known.
fn store_of(client: &ClientId, context: &Context<'_>) -> Result<Store, CommandError> {
    let store = context.store(Access::Create)?;
    context.check_client(client, Some(&store))?;
    Ok(store)
}

fn add(
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

fn withdraw(numbers: &Numbers, client: Option<&ClientId>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let numbers = context.phone_numbers(numbers, client)?;
    let mut store = context.store(Access::Change)?;
    client.map_or(Ok(()), |client| context.check_client(client, Some(&store)))?;
    let actor = context.actor().clone();
    let withdrawn = store.withdraw_consents(&numbers, client, &actor, context.now())?;
    if withdrawn == 0 {
        return Err(CommandError::message(ErrorKind::NotFound, "these numbers have no consent in force")
            .with_hint("`callq consent list` shows them"));
    }
    context.show_timeless(&ConsentCountView { added: 0, existing: 0, withdrawn: withdrawn as u64 })
}

fn list(
    client: Option<&ClientId>,
    phone: Option<&String>,
    ended: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let numbers = phone.map(|phone| Numbers { numbers: vec![phone.clone()] });
    let number = numbers.map(|numbers| context.phone_numbers(&numbers, client)).transpose()?;
    let number = number.and_then(|mut numbers| numbers.pop());
    let store = context.store(Access::Read)?;
    client.map_or(Ok(()), |client| context.check_client(client, Some(&store)))?;
    let (filter, now) = (ConsentFilter { client: client.cloned(), number, ended }, context.now());
    let last_id = context.show_each(|writer| {
        let mut after = 0;
        loop {
            let page = store.consents(&filter, after, PAGE, now)?;
            let Some(last) = page.last() else { return Ok(after) };
            after = last.consent.id;
            for entry in page {
                let view = ConsentView::new(entry.number.to_string(), entry.client, &entry.consent, entry.by);
                writer.write(&view).map_err(output_failed)?;
            }
        }
    })?;
    context.say_if_empty(last_id == 0, "No consents.");
    Ok(())
}

fn import(client: &ClientId, file: &Path, context: &mut Context<'_>) -> Result<(), CommandError> {
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
