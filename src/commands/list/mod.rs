//! `callq list`

mod footer;
mod page;
mod read_ahead;
mod request;

use page::{Page, count, page};
use request::Request;

use super::context::Context;
use super::pages::show_again;
use super::show::of_names;
use super::targets::Selection;
use super::words;
use crate::cli::List;
use crate::error::{CommandError, ErrorKind};
use crate::output::{ListColumn, parse_columns};
use crate::store::{Access, Filter};

pub(super) fn run(args: &List, context: &mut Context<'_>) -> Result<(), CommandError> {
    let columns = args.columns.as_ref().map(|columns| parse_columns(&columns.0)).transpose();
    let columns = columns.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let names = if args.ids.is_empty() { Vec::new() } else { words::expanded(&args.ids, context)? };
    // A wrong filter is an error before callq looks for a database.
    selection(args).filter(context, context.client(&args.client)?.as_ref())?;
    let mut store = context.store(Access::Read)?;
    let client = context.known_client(&args.client, Some(&store))?;
    let named = match names.as_slice() {
        [] => None,
        names => Some(of_names(names, &args.client, context, &store)?),
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
    Selection::of(&args.ids, &args.client, &args.filters, false)
}

/// What is asked now: `--from +2h` means another instant each time.
fn request(
    args: &List,
    named: Option<&Filter>,
    columns: Option<Vec<ListColumn>>,
    context: &Context<'_>,
) -> Result<Request, CommandError> {
    // Ids say enough without `CALLQ_CLIENT`.
    let client = if named.is_some() { args.client.client.clone() } else { context.client(&args.client)? };
    let mut filter = selection(args).filter(context, client.as_ref())?;
    filter.ids = named.map(|named| named.ids.clone()).unwrap_or_default();
    Ok(Request { filter, columns, sort: args.sort, reverse: args.reverse, limit: args.limit, after: args.after })
}
