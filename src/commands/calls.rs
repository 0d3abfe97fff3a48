//! `callq calls`

use std::sync::Arc;

use super::context::{Context, output_failed};
use crate::cli::Calls;
use crate::compliance::{CallingCode, number};
use crate::contract::{CallReceiptView, CallView, ReceiptView};
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, Item, PhoneNumber};
use crate::query::receipt;
use crate::scheduler::Policy;
use crate::store::{Access, CallFilter, CallPosition, Store};

/// Calls that are read at once.
const PAGE: usize = 1_000;

pub(super) fn run(args: &Calls, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = context.client(&args.client)?;
    let filter = filter(args, client.as_ref(), context)?;
    let store = context.store(Access::Read)?;
    context.known_client(&args.client, Some(&store))?;
    let after = match args.last {
        None => None,
        Some(0) => return context.show_rows::<CallView<'_>, _>(|_| Ok(())),
        Some(last) => store.before_last_calls(&filter, last)?,
    };
    let has_calls = if args.receipt {
        let settings = context.settings()?;
        let base = |item: &Item| settings.policies.of(&item.client).clone();
        context.show_each(|writer| {
            each_call(&store, &filter, after, &mut |call| {
                let Some(receipt) = receipt_of(&store, &call, &base)? else { return Ok(()) };
                writer.write(&CallReceiptView { call, receipt }).map_err(output_failed)
            })
        })?
    } else {
        context.show_rows::<CallView<'_>, _>(|writer| {
            each_call(&store, &filter, after, &mut |call| writer.write(&call).map_err(output_failed))
        })?
    };
    context.say_if_empty(!has_calls, "No calls.");
    Ok(())
}

fn receipt_of(
    store: &Store,
    call: &CallView<'_>,
    base: &dyn Fn(&Item) -> Arc<Policy>,
) -> Result<Option<ReceiptView>, CommandError> {
    // The id was written by us a moment ago.
    call.attempt_id.parse().map_or(Ok(None), |attempt| Ok(receipt(store, attempt, base, false)?))
}

/// Visits page by page: a reading of minutes would keep the log from being shortened. Gives back whether there was a call.
fn each_call(
    store: &Store,
    filter: &CallFilter,
    mut after: Option<CallPosition>,
    visit: &mut dyn FnMut(CallView<'_>) -> Result<(), CommandError>,
) -> Result<bool, CommandError> {
    let mut has_calls = false;
    loop {
        let page = store.calls(filter, after, PAGE)?;
        has_calls |= !page.is_empty();
        page.iter().try_for_each(|call| visit(CallView::new(call)))?;
        if page.len() < PAGE {
            return Ok(has_calls);
        }
        after = page.last().map(CallPosition::of);
    }
}

fn filter(args: &Calls, client: Option<&ClientId>, context: &Context<'_>) -> Result<CallFilter, CommandError> {
    Ok(CallFilter {
        client: client.cloned(),
        since: context.past_time("--since", args.since.as_deref(), client)?,
        until: context.past_time("--until", args.until.as_deref(), client)?,
        outcomes: args.outcome.clone(),
        reasons: args.reason.clone(),
        phone: args.phone.as_ref().map(|text| phone(text, client, context)).transpose()?,
        lead: args.lead.clone(),
    })
}

/// A number as the policy of the client reads it, or else as the defaults do.
fn phone(text: &str, client: Option<&ClientId>, context: &Context<'_>) -> Result<PhoneNumber, CommandError> {
    let policy = context.policy_or_defaults(client)?;
    number::read(text, CallingCode::of_client(&policy))
        .map_err(|error| CommandError::message(ErrorKind::Usage, format!("--phone: {error}")))
}
