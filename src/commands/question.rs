//! Questions to the person at the terminal.

use super::context::Context;
use crate::cli::Consent;
use crate::error::{CommandError, ErrorKind};
use crate::output::{counted, visible, wrapped};
use crate::store::{Page, Store, Targets};

/// The leads that the question names.
const SAMPLE: usize = 3;

/// Asks before a selection is changed, on a terminal. Gives back whether to go on.
pub(super) fn consents(
    context: &mut Context<'_>,
    store: &Store,
    targets: &Targets,
    consent: Consent,
    verb: &str,
) -> Result<bool, CommandError> {
    let Targets::Selection(filter) = targets else { return Ok(true) };
    if consent.yes || !context.surroundings.stdin_is_terminal {
        return Ok(true);
    }
    let count = store.count(filter)?;
    if count == 0 {
        return Ok(true);
    }
    let of = filter.client.as_ref().map_or_else(|| "of all clients".to_owned(), |client| format!("of client {client}"));
    let first = store.page(filter, Page { limit: SAMPLE, ..Page::WHOLE })?;
    let mut leads: Vec<String> = first.iter().map(|item| visible(item.lead.as_str()).into_owned()).collect();
    if count > SAMPLE as u64 {
        leads.push("…".to_owned());
    }
    ask(context, &format!("{verb} {} {of} ({})?", counted(count, "item"), leads.join(", ")))
}

/// Asks the person at the terminal.
pub(super) fn ask(context: &mut Context<'_>, question: &str) -> Result<bool, CommandError> {
    let style = context.talk_style();
    let _ = write!(context.err, "{}", wrapped(&format!("{question} [y/N] "), style));
    let _ = context.err.flush();
    let mut answer = String::new();
    (context.stdin)()
        .read_line(&mut answer)
        .map_err(|error| CommandError::message(ErrorKind::Failed, format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
