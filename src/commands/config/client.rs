//! The client whose configuration is meant, and the queue that may know it.

use crate::cli::Client;
use crate::commands::context::Context;
use crate::config::Settings;
use crate::error::CommandError;
use crate::model::ClientId;
use crate::store::{Access, Store};

/// The client that is named, if a section knows it, or an item where there is a queue: `config` needs no database.
pub(super) fn known_client(named: &Client, context: &Context<'_>) -> Result<Option<ClientId>, CommandError> {
    context.client_of_section_or(named, |settings| Ok(queue(settings, context)))
}

/// The database, where there is one that can be read; it is never made.
pub(super) fn queue(settings: &Settings, context: &Context<'_>) -> Option<Store> {
    let path = settings.database_path(&context.surroundings.locations).ok()?;
    // It changes nothing, and what is older has not all tables.
    Store::open(&path, Access::Look).ok().filter(|store| !store.is_older().unwrap_or(true))
}
