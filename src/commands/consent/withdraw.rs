//! `callq consent withdraw`

use crate::cli::Numbers;
use crate::commands::context::Context;
use crate::contract::ConsentCountView;
use crate::error::{CommandError, ErrorKind};
use crate::model::ClientId;
use crate::store::Access;

pub(super) fn run(numbers: &Numbers, client: Option<&ClientId>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let numbers = context.phone_numbers(numbers, client)?;
    let mut store = context.store(Access::Change)?;
    client.map_or(Ok(()), |client| context.check_client(client, Some(&store)))?;
    let actor = context.actor().clone();
    let withdrawn = store.withdraw_consents(&numbers, client, &actor, context.now())?;
    if withdrawn == 0 {
        return Err(CommandError::message(ErrorKind::NotFound, "these numbers have no consent in force")
            .with_hint("`callq consent list` shows them"));
    }
    context.show_timeless(&ConsentCountView { added: 0, existing: 0, withdrawn: withdrawn as u64 })
}
