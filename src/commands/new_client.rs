//! A client that is named for the first time, and spelt almost like one that is known: likely a slip, and its leads would
//! wait under other hours.

use super::context::Context;
use crate::error::CommandError;
use crate::model::{ClientId, nearest};
use crate::store::Store;

/// Says so before the client is made.
///
/// # Errors
/// When the configuration is wrong or the database cannot be read.
pub(super) fn note(client: &ClientId, store: Option<&Store>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let others = context.others_than(client, store)?.unwrap_or_default();
    if let Some(near) = nearest(client.as_str(), others.iter().map(ClientId::as_str)) {
        context.say(format_args!("{client} is a new client; did you mean `{near}`?"));
    }
    Ok(())
}
