//! `callq config list`

use super::client::known_client;
use super::rows::{in_use, view};
use crate::cli::Client;
use crate::commands::context::Context;
use crate::config::{self, Row, Source};
use crate::contract::{ConfigRow, List};
use crate::error::CommandError;

pub(super) fn run(named: &Client, changed: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = known_client(named, context)?;
    let rows = config::list(&*context.settings()?, client.as_ref());
    let rows = rows.into_iter().map(|row| in_use(row, context)).collect::<Result<Vec<_>, _>>()?;
    let is_shown = |row: &Row| !changed || row.source != Source::BuiltIn;
    let rows: Vec<ConfigRow> = rows.into_iter().filter(is_shown).map(view).collect();
    if rows.is_empty() && context.is_for_a_person() {
        context.say(format_args!("No changed keys."));
    }
    context.show(&List { rows })
}
