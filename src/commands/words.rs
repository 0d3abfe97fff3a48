//! The names of a command line, with those that come on standard input.

use super::context::Context;
use crate::cli::IdArgument;
use crate::error::{CommandError, ErrorKind};
use crate::model::shortened;

/// Every name, with the place where it stands: nothing for an argument, the line for standard input.
pub(super) fn expanded(
    arguments: &[IdArgument],
    context: &Context<'_>,
) -> Result<Vec<(String, IdArgument)>, CommandError> {
    let mut names = Vec::new();
    for argument in arguments {
        match argument {
            IdArgument::Stdin => read_stdin(context, &mut names)?,
            name => names.push((String::new(), name.clone())),
        }
    }
    if names.is_empty() {
        return Err(CommandError::message(ErrorKind::NotFound, "standard input holds no id"));
    }
    Ok(names)
}

/// A line holds item ids with blanks between them, or one lead or phone number, which may have blanks itself.
fn read_stdin(context: &Context<'_>, names: &mut Vec<(String, IdArgument)>) -> Result<(), CommandError> {
    for line in context.stdin_lines() {
        let (place, line) = line?;
        let place = format!("{place}: ");
        let is_id = |word: &str| matches!(word.parse(), Ok(IdArgument::Items(_)));
        let line = line.trim();
        let words: Vec<&str> =
            if line.split_whitespace().all(is_id) { line.split_whitespace().collect() } else { vec![line] };
        for word in words {
            let usage =
                |message: String| CommandError::message(ErrorKind::Usage, shortened(&format!("{place}{message}")));
            match word.parse().map_err(usage)? {
                IdArgument::Stdin => return Err(usage("`-` is not an id there".to_owned())),
                name => names.push((place.clone(), name)),
            }
        }
    }
    Ok(())
}
