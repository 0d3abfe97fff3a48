//! `callq dnc`: the do-not-call list and the copies of registries.

mod add;
mod check;
mod import;
mod list;
mod remove;
mod status;

use super::context::Context;
use crate::cli::{Dnc, DncAction};
use crate::error::CommandError;
use crate::model::Format;
use crate::store::EntryFilter;

pub(super) fn run(args: &Dnc, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        DncAction::Add { numbers, client, source, reason, until } => {
            let new = add::New { source, reason: reason.as_ref(), until: until.as_ref() };
            add::run(numbers, client, &new, context)
        }
        DncAction::Remove { numbers, client, reason, yes } => remove::run(numbers, client, reason, *yes, context),
        DncAction::Check { numbers } => check::run(numbers, context),
        DncAction::List { source, ended } => {
            let source = source.as_ref().map(ToString::to_string);
            list::run(&EntryFilter { source, ended: *ended }, context)
        }
        DncAction::Export => {
            if context.format() == Format::Table {
                context.global.format = Format::Csv;
            }
            list::run(&EntryFilter::default(), context)
        }
        DncAction::Import { name, file, as_of, covers, max_age, yes } => {
            let import = import::Import { name, file, as_of: *as_of, covers: covers.as_ref(), max_age: *max_age };
            import::run(&import, *yes, context)
        }
        DncAction::Status => status::run(context),
    }
}
