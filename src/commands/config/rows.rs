//! The keys of the configuration as rows.

use crate::commands::context::Context;
use crate::config::{self, Row};
use crate::contract::ConfigRow;
use crate::error::CommandError;

/// The row as it holds here: only of the database the command line and the user's folders know more.
pub(super) fn in_use(row: Row, context: &Context<'_>) -> Result<Row, CommandError> {
    Ok(match row.key.as_str() {
        "database" => config::database_in_use(&*context.settings()?, &context.surroundings.locations),
        _ => row,
    })
}

pub(super) fn view(row: Row) -> ConfigRow {
    ConfigRow { key: row.key, value: row.json, source: row.source.to_string(), text: row.value }
}
