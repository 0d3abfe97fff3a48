//! `callq config set`

use std::path::Path;

use super::edited::{report, say_edited, say_later_slots, stronger};
use super::path::path_to_write;
use super::rows::view;
use crate::cli::Section;
use crate::commands::context::Context;
use crate::commands::input::named_twice;
use crate::config;
use crate::contract::List;
use crate::error::{CommandError, ErrorKind};
use crate::model::ClientId;

pub(super) fn run(
    section: &Section,
    key: &str,
    value: Option<&String>,
    more: &[String],
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let (path, client) = (path_to_write(context)?, section.client.as_ref());
    let keys: Vec<&str> = if key.contains('=') {
        let words: Vec<&str> = std::iter::once(key).chain(value.into_iter().chain(more).map(String::as_str)).collect();
        set_all(&path, client, &words, context)?;
        words.iter().filter_map(|word| word.split('=').next()).map(str::trim).collect()
    } else {
        let (Some(value), []) = (value, more) else {
            return Err(CommandError::message(ErrorKind::Usage, format!("`{key}` takes one value"))
                .with_hint(format!("callq config set {key} VALUE, or KEY=VALUE for each of several keys")));
        };
        report(config::set(&path, client, key, value)?, context)?;
        vec![key]
    };
    say_later_slots(&keys, client, context);
    if keys.iter().any(|key| ["holiday_files", "holiday_exclude"].contains(key))
        && let Ok(settings) = config::load(&context.surroundings.locations)
    {
        for warning in config::calendar_warnings(&settings, client, context.now()) {
            context.say(format_args!("warning: {}", warning.message));
        }
    }
    Ok(())
}

/// Sets several keys, each written KEY=VALUE: all or none.
fn set_all(
    path: &Path,
    client: Option<&ClientId>,
    words: &[&str],
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let pair = |word: &&str| match word.split_once('=') {
        Some((key, value)) => Ok((key.trim().to_owned(), value.to_owned())),
        None => Err(CommandError::message(ErrorKind::Usage, format!("`{word}` is not of the form KEY=VALUE"))),
    };
    let pairs: Vec<(String, String)> = words.iter().map(pair).collect::<Result<_, _>>()?;
    if let Some(key) = named_twice(pairs.iter().map(|(key, _)| key)) {
        return Err(CommandError::message(ErrorKind::Usage, format!("`{key}` is named twice: give it one value")));
    }
    let edited = config::set_all(path, client, &pairs)?;
    let changed = edited.iter().any(|edited| edited.changed);
    let stronger: Vec<_> = edited.iter().filter_map(|edited| stronger(&edited.row, context)).collect();
    context.show_timeless(&List { rows: edited.into_iter().map(|edited| view(edited.row)).collect() })?;
    say_edited(changed, &stronger, context);
    Ok(())
}
