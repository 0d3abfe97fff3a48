//! `callq list`

use std::cell::OnceCell;

use chrono::TimeDelta;

use super::context::{Context, output_failed};
use super::list_page::{Page, Request, count, page};
use super::names::Several;
use super::one_run::ended_by;
use super::show::refuse_strangers;
use super::targets::{self, Selection, no_such_item};
use super::words;
use crate::cli::List;
use crate::engine::{Rest, Turns, watch};
use crate::error::{CommandError, ErrorKind};
use crate::output::{ListColumn, parse_columns};
use crate::store::{Access, Store, Targets};

pub(super) fn run(args: &List, context: &mut Context<'_>) -> Result<(), CommandError> {
    let columns = args.columns.as_ref().map(|columns| parse_columns(&columns.0)).transpose();
    let columns = columns.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let names = if args.ids.is_empty() { Vec::new() } else { words::expanded(&args.ids, context)? };
    // A wrong filter is an error before callq looks for a database.
    selection(args).filter(context, context.client(&args.client)?.as_ref())?;
    let mut store = context.store(Access::Read)?;
    let client = context.known_client(&args.client, Some(&store))?;
    let named = if names.is_empty() {
        None
    } else {
        let targets = Targets::Ids(targets::ranges(&names, &args.client, context, &store, Several::All)?);
        if let Some(id) = store.missing_id(&targets)? {
            return Err(no_such_item(id, &store));
        }
        refuse_strangers(&store, &targets.filter(), args.client.client.as_ref())?;
        Some(targets)
    };
    let named = named.as_ref();
    match args.watch {
        None if args.count => count(&request(args, named, columns, context)?, &store, context),
        None => {
            context.say_standing(client.as_ref(), &store)?;
            page(&request(args, named, columns, context)?, &mut store, Page::Only, context)
        }
        Some(interval) => again(args, named, columns.as_deref(), interval, &mut store, context),
    }
}

fn selection(args: &List) -> Selection<'_> {
    Selection {
        ids: &args.ids,
        client: &args.client,
        filter: &args.filter,
        phone: args.contact.phone.as_ref(),
        meta: &args.contact.meta,
        priorities: &args.priority.priority,
        reason: args.reason.reason.as_ref(),
        all: false,
    }
}

/// What is asked now: `--from +2h` means another instant each time.
fn request(
    args: &List,
    named: Option<&Targets>,
    columns: Option<Vec<ListColumn>>,
    context: &Context<'_>,
) -> Result<Request, CommandError> {
    // Ids say enough without `CALLQ_CLIENT`.
    let client = if named.is_some() { args.client.client.clone() } else { context.client(&args.client)? };
    let mut filter = selection(args).filter(context, client.as_ref())?;
    filter.ids = named.map(|targets| targets.filter().ids).unwrap_or_default();
    Ok(Request { filter, columns, sort: args.sort, reverse: args.reverse, limit: args.limit, after: args.after })
}

/// Shows the listing again and again, until a signal.
fn again(
    args: &List,
    named: Option<&Targets>,
    columns: Option<&[ListColumn]>,
    interval: TimeDelta,
    store: &mut Store,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let (clock, interrupt) = (context.clock.clone(), context.interrupt()?);
    let mut pages = Pages { args, named, columns, interval, store, context, is_first: true };
    let signal = watch(&*clock, interrupt.as_ref(), &mut pages)?;
    if context.draws_over() {
        // The prompt comes below the page and the `^C` that the terminal has written.
        writeln!(context.out).map_err(output_failed)?;
    }
    Err(ended_by(signal))
}

/// The listing, page after page.
struct Pages<'w, 'a> {
    args: &'w List,
    named: Option<&'w Targets>,
    columns: Option<&'w [ListColumn]>,
    interval: TimeDelta,
    store: &'w mut Store,
    context: &'w mut Context<'a>,
    is_first: bool,
}

impl Turns for Pages<'_, '_> {
    type Error = CommandError;

    fn turn(&mut self) -> Result<Rest, CommandError> {
        self.context.asked_at = OnceCell::new();
        self.store.check_file()?;
        let request = request(self.args, self.named, self.columns.map(<[_]>::to_vec), self.context)?;
        page(&request, self.store, if self.is_first { Page::First } else { Page::Next }, self.context)?;
        self.is_first = false;
        Ok(Rest { interval: self.interval, until: None })
    }

    fn has_news(&mut self) -> Result<bool, CommandError> {
        Ok(false)
    }
}
