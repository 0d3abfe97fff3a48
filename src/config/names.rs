//! Finds the key of a dotted name, and says of an unknown one what may have been meant.

use super::keys::{KEYS, Key, KeyScope, REASON, RULE, STATUS, VARIABLE, WEEKDAY};
use super::read::{WEEKDAYS, allowed_weekdays};
use crate::model::{did_you_mean, nearest};

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Named {
    Key(&'static Key),
    /// The name of a table of keys, such as `business_hours`.
    Group,
}

/// Looks a dotted name up among the keys of a place.
///
/// # Errors
/// The message for an unknown name, with what was probably meant.
pub(super) fn find(place: KeyScope, name: &str) -> Result<Named, String> {
    let keys = || KEYS.iter().filter(|key| key.place == place);
    if let Some(key) = keys().find(|key| key.name == name && !key.is_open()) {
        return Ok(Named::Key(key));
    }
    if keys().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))) {
        return Ok(Named::Group);
    }
    if let Some((group, last)) = name.rsplit_once('.')
        && let Some(key) =
            keys().find(|key| key.is_open() && key.name.rsplit_once('.').is_some_and(|(g, _)| g == group))
    {
        return check_open(key, name, last).map(|()| Named::Key(key));
    }
    Err(unknown(place, name))
}

/// Whether the last part of an open key is a name that it takes.
fn check_open(key: &Key, name: &str, last: &str) -> Result<(), String> {
    match key.name.rsplit_once('.') {
        Some((_, WEEKDAY)) if !WEEKDAYS.contains(&last) => {
            // `Saturday` and `SAT` are no slips of the keys, yet it is clear what they mean.
            let short: String = last.chars().take(3).collect();
            Err(format!("unknown weekday in `{name}`: expected {}", allowed_weekdays(&short)))
        }
        // As it would be printed, so that `01` is not a second way to write 1.
        Some((_, STATUS)) if last.parse::<u8>().ok().map(|status| status.to_string()).as_deref() != Some(last) => {
            Err(format!("unknown exit status in `{name}`: expected a whole number from 0 to 255"))
        }
        Some((_, RULE))
            if last.is_empty() || last.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)) =>
        {
            Err(format!("`{name}` names no rule: `callq rules list` shows them"))
        }
        Some((_, REASON)) if last.is_empty() || last.contains(|c: char| !c.is_alphanumeric() && !"-_".contains(c)) => {
            Err(format!("`{name}` names no reason: expected busy, no_answer, voicemail, declined or another word"))
        }
        Some((_, VARIABLE)) if last.is_empty() || last.contains(|c: char| !c.is_alphanumeric() && c != '_') => {
            Err(format!("`{name}` names no variable: expected letters, digits and `_`"))
        }
        _ => Ok(()),
    }
}

fn unknown(place: KeyScope, name: &str) -> String {
    let elsewhere = match (place, find_exact(name)) {
        (KeyScope::Top, Some(KeyScope::Policy)) => "; it belongs under [defaults] or [clients.NAME]",
        (KeyScope::Policy, Some(KeyScope::Top)) => "; it belongs at the top of the file, for all clients",
        _ => "",
    };
    if !elsewhere.is_empty() {
        return format!("unknown key `{name}` here{elsewhere}");
    }
    let (group, last) = name.rsplit_once('.').unwrap_or(("", name));
    // The parts that may stand at this place, and failing these a key of that name in another table.
    let depth = if group.is_empty() { 0 } else { group.split('.').count() };
    let siblings = KEYS
        .iter()
        .filter(|key| key.place == place)
        .filter(|key| group.is_empty() || key.name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.')))
        .filter_map(|key| key.name.split('.').nth(depth));
    let tables = if place == KeyScope::Top { &["defaults", "clients", "rules", "hooks", "webhooks"][..] } else { &[] };
    let near = nearest(last, siblings.chain(tables.iter().copied())).map(|near| match group {
        "" => near.to_owned(),
        group => format!("{group}.{near}"),
    });
    // A key that is written right, in the wrong table, is surer than one that is written almost so.
    let moved = KEYS.iter().find(|key| key.place == place && key.name.rsplit('.').next() == Some(last));
    let hint = match moved.map(|key| key.name.to_owned()).or(near) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => did_you_mean(name, KEYS.iter().filter(|key| key.place == place).map(|key| key.name)),
    };
    format!("unknown key `{name}`{hint}")
}

fn find_exact(name: &str) -> Option<KeyScope> {
    let group = |key: &&Key| key.name.split('.').next() == name.split('.').next();
    KEYS.iter().find(group).map(|key| key.place)
}
