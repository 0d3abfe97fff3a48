//! `callq status`, and `callq` alone: what every client is doing. `why` without an id shows the same by gate.

use std::cell::OnceCell;
use std::io::Write;

use chrono::TimeDelta;

use super::context::{Context, output_failed};
use super::one_run::ended_by;
use crate::cli::{Client, Status};
use crate::contract::StatusView;
use crate::engine::{Rest, Turns, watch};
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
        Some(interval) => again(args, interval, &store, context),
    }
}

fn has_database(context: &Context<'_>) -> Result<bool, CommandError> {
    Ok(context.settings()?.database_path(&context.surroundings.locations)?.exists())
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

/// Shows the page again and again, until a signal.
fn again(args: &Status, interval: TimeDelta, store: &Store, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (clock, interrupt) = (context.clock.clone(), context.interrupt()?);
    let mut pages = Pages { args, interval, store, context, is_first: true };
    let signal = watch(&*clock, interrupt.as_ref(), &mut pages)?;
    if context.draws_over() {
        // The prompt comes below the page and the `^C` that the terminal has written.
        writeln!(context.out).map_err(output_failed)?;
    }
    Err(ended_by(signal))
}

struct Pages<'w, 'a> {
    args: &'w Status,
    interval: TimeDelta,
    store: &'w Store,
    context: &'w mut Context<'a>,
    is_first: bool,
}

impl Turns for Pages<'_, '_> {
    type Error = CommandError;

    fn turn(&mut self) -> Result<Rest, CommandError> {
        self.context.asked_at = OnceCell::new();
        self.store.check_file()?;
        let page = view(&self.args.client, self.store, self.context)?;
        self.context.show_over(&page, self.is_first)?;
        self.is_first = false;
        Ok(Rest { interval: self.interval, until: None })
    }

    fn has_news(&mut self) -> Result<bool, CommandError> {
        Ok(false)
    }
}
