//! The database to write consents into.

use crate::commands::context::Context;
use crate::error::CommandError;
use crate::model::ClientId;
use crate::store::{Access, Store};

/// Opens the database to write consents of a client that is known.
pub(super) fn store_of(client: &ClientId, context: &Context<'_>) -> Result<Store, CommandError> {
    let store = context.store(Access::Create)?;
    context.check_client(client, Some(&store))?;
    Ok(store)
}
