//! `callq dnc import` and `callq dnc status`: the copies of registries.

use std::path::Path;
use std::time::Instant;

use chrono::{NaiveDate, TimeDelta};

use super::context::Context;
use super::input::unreadable_input;
use super::one_run::ended_by;
use crate::compliance::CallingCode;
use crate::contract::{List, RegistryView};
use crate::engine::{ImportEnd, RegistryImport};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{RegistryFileError, RegistryNumbers};
use crate::model::{Coverage, RegistryName};
use crate::output::with_commas;
use crate::query::asked_registries;
use crate::store::{Access, NewRegistryCopy, Store};

/// This number of numbers, 8 MiB, is sorted at once: a file that is not sorted is written faster so.
const SORTED_AT_ONCE: usize = 1_000_000;

/// What is imported.
pub(super) struct Import<'a> {
    pub(super) name: &'a RegistryName,
    pub(super) file: &'a Path,
    pub(super) as_of: NaiveDate,
    pub(super) covers: Option<&'a Coverage>,
    pub(super) max_age: Option<TimeDelta>,
}

pub(super) fn import(import: &Import<'_>, may_shrink: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let Import { name, file, as_of, max_age, .. } = *import;
    if as_of > today(context)? {
        return Err(CommandError::message(ErrorKind::Usage, format!("--as-of: {as_of} has not come yet")));
    }
    let (input, file_name) = context.open_input(file)?;
    let mut store = context.store(Access::Create)?;
    let covers = match import.covers {
        Some(covers) => covers.clone(),
        None => {
            let covers = store.registry(name.as_str())?.map_or(Coverage::All, |copy| copy.covers);
            context.say(format_args!("without --covers the copy counts for {covers}"));
            covers
        }
    };
    let policies = context.settings()?;
    let country_code = CallingCode::of_client(policies.policies.defaults());
    let mut numbers = RegistryNumbers::new(input, covers.has_area_codes(), country_code);
    let mut next = || numbers.next_chunk(SORTED_AT_ONCE).map_err(|error| unreadable(&file_name, &error));
    let interrupt = context.interrupt()?;
    let begun = Instant::now();
    let by = context.actor().clone();
    let max_age_days = max_age.map(|age| u32::try_from(age.num_days()).unwrap_or(u32::MAX));
    let copy =
        NewRegistryCopy { name: name.as_str(), as_of, covers: &covers, max_age_days, by: &by, now: context.now() };
    let import = RegistryImport { copy, may_shrink, elapsed: &|| begun.elapsed(), interrupt: interrupt.as_ref() };
    let end = import.run(&mut store, &mut next)?;
    store.checkpoint();
    let copy = match end {
        ImportEnd::Swapped(copy) => copy,
        ImportEnd::Stopped(signal) => return Err(ended_by(signal)),
        ImportEnd::Overtaken => {
            let message = format!("another import of {name} began meanwhile: this one was given up");
            return Err(CommandError::message(ErrorKind::Refused, message));
        }
        ImportEnd::Shrunk { from, to } => {
            let (from, to) = (with_commas(from), with_commas(to));
            let message =
                format!("{name} would fall from {from} to {to} numbers, by more than half: nothing was changed");
            return Err(CommandError::message(ErrorKind::Refused, message).with_hint("--yes accepts the copy"));
        }
    };
    let view = RegistryView::new(&copy, max_ages(&store, context)?(&copy.name), today(context)?);
    context.show_timeless(&view)
}

pub(super) fn status(context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Read)?;
    let (today, max_age) = (today(context)?, max_ages(&store, context)?);
    let copies = store.registries()?;
    if copies.is_empty() {
        context.say(format_args!("no registry has a copy: callq dnc import NAME -f FILE --as-of DATE"));
    }
    let rows = copies.iter().map(|copy| RegistryView::new(copy, max_age(&copy.name), today)).collect();
    context.show_timeless(&List { rows })
}

/// The day on the clock of a client without a section.
fn today(context: &Context<'_>) -> Result<NaiveDate, CommandError> {
    Ok(context.zone(None)?.local(context.now()).date())
}

/// How many days old the copy of a registry may be, by the strictest client and rule that ask for it.
fn max_ages(store: &Store, context: &Context<'_>) -> Result<impl Fn(&str) -> u32 + use<>, CommandError> {
    let settings = context.settings()?;
    let asked = asked_registries(store, &settings.policies, context.now())?;
    let usual = settings.policies.defaults().law.registry_max_age_days();
    Ok(move |name: &str| asked.get(name).copied().unwrap_or(usual))
}

fn unreadable(name: &str, error: &RegistryFileError) -> CommandError {
    match error {
        RegistryFileError::Io(error) => unreadable_input(name, error),
        RegistryFileError::Line { .. } => {
            CommandError::message(ErrorKind::Refused, format!("{name}, {error}; nothing was changed"))
        }
    }
}
