//! `callq dnc import`: a new copy of a registry.

use std::path::Path;
use std::time::Instant;

use chrono::{NaiveDate, TimeDelta};

use crate::commands::context::Context;
use crate::commands::input::unreadable_input;
use crate::commands::run_end::ended_by;
use crate::compliance::CallingCode;
use crate::contract::RegistryView;
use crate::engine::{ImportEnd, RegistryImport};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{RegistryFileError, RegistryNumbers};
use crate::model::{Coverage, RegistryName};
use crate::output::with_commas;
use crate::query::RegistryAges;
use crate::store::{Access, NewRegistryCopy};

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

pub(super) fn run(import: &Import<'_>, may_shrink: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let Import { name, file, as_of, max_age, .. } = *import;
    // The day on the clock of a client without a section.
    if as_of > context.zone(None)?.local(context.now()).date() {
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
    let settings = context.settings()?;
    let country_code = CallingCode::of_client(settings.policies.defaults());
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
    let ages = RegistryAges::of(&store, &settings.policies, context.now())?;
    let view = RegistryView::new(&copy, ages.most_days(&copy.name), ages.today());
    context.show_timeless(&view)
}

fn unreadable(name: &str, error: &RegistryFileError) -> CommandError {
    match error {
        RegistryFileError::Io(error) => unreadable_input(name, error),
        RegistryFileError::Line { .. } => {
            CommandError::message(ErrorKind::Refused, format!("{name}, {error}; nothing was changed"))
        }
    }
}
