//! `callq config get`

use super::client::known_client;
use super::rows::{in_use, view};
use crate::cli::Client;
use crate::commands::context::{Context, output_failed};
use crate::config;
use crate::error::{CommandError, ErrorKind};
use crate::model::Format;
use crate::output::visible;

pub(super) fn run(named: &Client, key: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = known_client(named, context)?;
    let row = in_use(config::get(&*context.settings()?, key, client.as_ref())?, context)?;
    match &row.bare {
        None => Err(CommandError::message(ErrorKind::NotFound, format!("`{key}` is not set and has no default"))),
        Some(bare) if context.format() == Format::Table => {
            writeln!(context.out, "{}", visible(bare)).map_err(output_failed)
        }
        Some(_) => context.show(&view(row)),
    }
}
