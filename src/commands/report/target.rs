//! What a report names: a call, an item, or a lead or number that means one.

use crate::cli::{IdArgument, Report};
use crate::commands::context::Context;
use crate::commands::names::Several;
use crate::commands::targets::ranges;
use crate::error::{CommandError, ErrorKind};
use crate::model::ReportTarget;
use crate::store::Store;

/// A word that is no call is a lead or a phone number.
pub(super) fn named_target(
    target: &ReportTarget,
    args: &Report,
    store: &Store,
    context: &Context<'_>,
) -> Result<ReportTarget, CommandError> {
    let ReportTarget::Call(text) = target else { return Ok(target.clone()) };
    let name = match text.parse() {
        Ok(IdArgument::Items(_) | IdArgument::Stdin) | Err(_) => return Ok(target.clone()),
        Ok(name) => name,
    };
    if matches!(name, IdArgument::Name(_)) && store.reported_item(target)?.is_some() {
        return Ok(target.clone());
    }
    match ranges(&[(String::new(), name)], &args.client, context, store, Several::One) {
        Ok(found) => Ok(found.first().map_or_else(|| target.clone(), |(item, _)| ReportTarget::Item(*item))),
        // The report itself says that there is no such call.
        Err(error) if error.kind == ErrorKind::NotFound => Ok(target.clone()),
        Err(error) => Err(error),
    }
}
