//! `callq client`

use std::collections::BTreeSet;

use super::context::Context;
use crate::cli::{ClientAction, ClientCommand};
use crate::contract::{ClientView, List};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, Status};
use crate::store::{Access, Filter, Store};

pub(super) fn run(args: &ClientCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    let rows = rows(context)?;
    let ClientAction::Show { name } = &args.action else {
        if rows.is_empty() && context.is_for_a_person() {
            context.say(format_args!("No clients."));
        }
        return context.show_timeless(&List { rows });
    };
    match rows.iter().find(|row| row.client_id == *name) {
        Some(row) => context.show_timeless(row),
        None => Err(CommandError::message(ErrorKind::NotFound, format!("no client {name}"))
            .with_hint("`callq client list` names all")),
    }
}

/// Every client that a section or an item names. Without a database no item names one.
fn rows(context: &Context<'_>) -> Result<Vec<ClientView>, CommandError> {
    let settings = context.settings()?;
    let path = context.database_path()?;
    let store = if path.exists() { Some(context.store(Access::Read)?) } else { None };
    let mut clients: BTreeSet<ClientId> = settings.policies.clients().cloned().collect();
    clients.extend(store.as_ref().map(Store::clients).transpose()?.unwrap_or_default());
    let mut rows = Vec::new();
    for client in clients {
        let count = |held: bool, wanted: fn(Status) -> bool| -> Result<u64, CommandError> {
            let Some(store) = &store else { return Ok(0) };
            let statuses = Status::ALL.into_iter().filter(|status| wanted(*status)).collect();
            Ok(store.count(&Filter { client: Some(client.clone()), statuses, held, ..Filter::default() })?)
        };
        rows.push(ClientView {
            configured: settings.policies.names(&client),
            waiting: count(false, Status::is_waiting)?,
            in_progress: count(false, |status| status == Status::InProgress)?,
            held: count(true, |status| status == Status::Failed)?,
            finished: count(false, Status::is_finished)?,
            client_id: client,
        });
    }
    Ok(rows)
}
