//! What is said below a listing: that it is empty, that there is more, which columns had no room.

use super::request::Request;
use crate::commands::context::Context;
use crate::output::with_commas;
use crate::store::Filter;

/// `more` is none where all items are shown; else the number of all, where the counters know it.
pub(super) fn say_of_page(
    request: &Request,
    shown: u64,
    more: Option<Option<u64>>,
    hidden: &[String],
    context: &mut Context<'_>,
) {
    if shown == 0 && context.is_for_a_person() {
        context.say(format_args!("{}", nothing(&request.filter)));
    }
    let limit = request.limit as u64;
    match more {
        None => {}
        Some(Some(count)) if count <= limit => {}
        Some(Some(count)) => context.say(format_args!("showing {} of {}", with_commas(limit), with_commas(count))),
        // To count the others would read them all.
        Some(None) => context.say(format_args!("showing the first {}; `--limit 0` shows all", with_commas(limit))),
    }
    if !hidden.is_empty() {
        context.say(format_args!("hidden at this width: {}; --columns names others", hidden.join(", ")));
    }
}

/// What is said of an empty listing: only a plain filter is repeated in words.
fn nothing(filter: &Filter) -> String {
    let client = filter.client.as_ref().map(|client| format!(" of client {client}")).unwrap_or_default();
    let plain = Filter { client: filter.client.clone(), ..Filter::default() };
    let kinds = [
        (plain.clone(), "items"),
        (Filter { held: true, ..plain.clone() }, "held items"),
        (Filter { due_at: filter.due_at, ..plain }, "due items"),
    ];
    match kinds.iter().find(|(kind, _)| kind == filter) {
        Some((_, what)) => format!("No {what}{client}."),
        None => "No items match.".to_owned(),
    }
}
