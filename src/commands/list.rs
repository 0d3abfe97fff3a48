//! `callq list`

use super::context::Context;
use super::list_page::{Page, Request, count, page};
use super::names::Several;
use super::pages::show_again;
use super::show::refuse_strangers;
use super::targets::{self, Selection, no_such_item};
use super::words;
use crate::cli::List;
use crate::error::{CommandError, ErrorKind};
use crate::output::{ListColumn, parse_columns};
use crate::store::{Access, Targets};

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
        Some(interval) => show_again(interval, context, |context, is_first| {
            store.check_file()?;
            let asked = request(args, named, columns.clone(), context)?;
            page(&asked, &mut store, if is_first { Page::First } else { Page::Next }, context)
        }),
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
