//! `callq dnc check`

use crate::cli::Numbers;
use crate::commands::context::Context;
use crate::contract::{DncCheckView, List};
use crate::error::{CommandError, ErrorKind};
use crate::model::NumberPattern;
use crate::output::with_commas;
use crate::store::{Access, Store};

pub(super) fn run(numbers: &Numbers, context: &mut Context<'_>) -> Result<(), CommandError> {
    let patterns = context.patterns(numbers, None)?;
    let store = context.store(Access::Read)?;
    let mut rows = Vec::new();
    for pattern in &patterns {
        rows.extend(words(&store, pattern, context)?);
    }
    let is_listed = |pattern: &&NumberPattern| rows.iter().any(|row| row.listed && row.number == pattern.to_string());
    let listed = patterns.iter().filter(is_listed).count();
    context.show(&List { rows })?;
    for pattern in &patterns {
        say_inside(&store, pattern, context)?;
    }
    match (listed, patterns.as_slice()) {
        (0, _) => Ok(()),
        (1, [NumberPattern::Number(_)]) => Err(CommandError::message(ErrorKind::Refused, "the number is listed")),
        (1, [_]) => Err(CommandError::message(ErrorKind::Refused, "the prefix is listed")),
        (listed, all) => {
            let message = format!("{listed} of {} numbers are listed", all.len());
            Err(CommandError::message(ErrorKind::Refused, message))
        }
    }
}

/// Says of a prefix that some of its numbers are listed by themselves.
fn say_inside(store: &Store, pattern: &NumberPattern, context: &mut Context<'_>) -> Result<(), CommandError> {
    let NumberPattern::Prefix(prefix) = pattern else { return Ok(()) };
    let entries = match store.entries_inside(prefix, context.now())? {
        0 => return Ok(()),
        1 => "1 entry is in force".to_owned(),
        entries => format!("{} entries are in force", with_commas(entries)),
    };
    context.say(format_args!(
        "{entries} for a part of {pattern}: `callq dnc list` shows them; look up registries number by number"
    ));
    Ok(())
}

/// What each list says of a number: callq's own, then those of registries, which say nothing of a prefix.
fn words(store: &Store, pattern: &NumberPattern, context: &Context<'_>) -> Result<Vec<DncCheckView>, CommandError> {
    let entries = store.entries_closing(pattern, context.now())?;
    let text = &pattern.to_string();
    let mut rows: Vec<DncCheckView> =
        entries.iter().map(|entry| DncCheckView::of_own_list(text, Some(entry))).collect();
    if rows.is_empty() {
        rows.push(DncCheckView::of_own_list(text, None));
    }
    let NumberPattern::Number(number) = pattern else { return Ok(rows) };
    let copies = store.registries()?;
    for facts in store.registry_facts(copies.iter().map(|copy| copy.name.as_str()), number)? {
        if let Some(copy) = &facts.copy {
            rows.push(DncCheckView::of_registry(text, copy, &facts, copy.covers.has(number)));
        }
    }
    Ok(rows)
}
