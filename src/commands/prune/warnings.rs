//! What is said before a prune: who was called lately, and which records have to be kept.

use chrono::{DateTime, Utc};

use crate::commands::context::Context;
use crate::engine::{Cutoffs, YEARS_KEPT, recalled, young_records};
use crate::error::CommandError;
use crate::output::{counted, with_commas};
use crate::store::{Prune, Store};

/// Says that items older than `before` are kept.
pub(super) fn say_recalled(
    prune: Prune<'_>,
    cutoffs: &Cutoffs,
    before: DateTime<Utc>,
    store: &Store,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let items = match recalled(store, prune, cutoffs, before)? {
        0 => return Ok(()),
        1 => "1 item is".to_owned(),
        recalled => format!("{} items are", with_commas(recalled)),
    };
    context.say(format_args!("{items} kept: `recall_after` asks who was called lately"));
    Ok(())
}

/// Warns when records go that a client with `purpose = "sales"` has to keep.
pub(super) fn warn_of_young(prune: &Prune<'_>, store: &Store, context: &mut Context<'_>) -> Result<(), CommandError> {
    let settings = context.settings()?;
    for (client, young) in young_records(store, prune, &settings.policies, context.now())? {
        let calls = counted(young, "call");
        context.say(format_args!(
            "warning: {calls} of client {client} are younger than {YEARS_KEPT} years: sellers keep such records \
             (16 CFR 310.5)"
        ));
    }
    Ok(())
}
