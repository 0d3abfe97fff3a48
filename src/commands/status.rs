//! `callq status`, and `callq` alone: what every client is doing. `why` without an id shows the same by gate.

use std::io::Write;

use super::context::{Context, output_failed};
use super::pages::show_again;
use crate::cli::{Client, Status};
use crate::contract::StatusView;
use crate::error::CommandError;
use crate::model::Format;
use crate::output::gate_detail;
use crate::query::status;
use crate::store::{Access, Store};

/// How to begin, where there is no database yet.
const BEGIN: &str = "\
There is no queue yet. How to begin:
  callq config init                  write a configuration to fill in
  callq add -c CLIENT LEAD           queue one lead
  callq import -c CLIENT -f FILE     queue many leads
  callq process                      call everything that is due and allowed
  callq --help                       list all commands
";

pub(super) fn run(args: &Status, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.is_bare && context.format() == Format::Table && !has_database(context)? {
        return context.page_out().write_all(BEGIN.as_bytes()).map_err(output_failed);
    }
    let store = context.store(Access::Read)?;
    match args.watch {
        None => context.show(&view(&args.client, &store, context)?),
        Some(interval) => show_again(interval, context, |context, is_first| {
            store.check_file()?;
            let page = view(&args.client, &store, context)?;
            context.show_over(&page, is_first)
        }),
    }
}

fn has_database(context: &Context<'_>) -> Result<bool, CommandError> {
    Ok(context.database_path()?.exists())
}

/// The state of the client that is named, or of all.
pub(super) fn view(client: &Client, store: &Store, context: &Context<'_>) -> Result<StatusView, CommandError> {
    let client = context.known_client(client, Some(store))?;
    let (settings, now) = (context.settings()?, context.now());
    let policies = &settings.policies;
    Ok(status(store, policies, client.as_ref(), now, &|verdict, client| {
        let zone = &policies.of(client).hours.zone;
        gate_detail(verdict, client, &|instant| zone.format_local(instant))
    })?)
}
