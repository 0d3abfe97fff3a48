//! What a command that stops calls waits for before it ends.

use std::time::Duration;

use super::context::Context;
use crate::dispatch::LeaseFolder;
use crate::error::CommandError;
use crate::output::wrapped;

/// A run that hangs between asking and starting must not hold up the command for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Waits until every call has begun that was allowed to before this command's change was on disk, so that none begins
/// after the command has ended. What keeps it from knowing that is a warning: the change itself is made.
pub(super) fn await_starts(context: &mut Context<'_>) -> Result<(), CommandError> {
    let database = context.database_path()?;
    let doubt = match LeaseFolder::open(&database).await_starts(LONGEST_WAIT) {
        Ok(true) => return Ok(()),
        Ok(false) => "a run has hung for 5 s".to_owned(),
        Err(error) => format!("nobody knows what the runs do: {error}"),
    };
    // Also for who wants quiet. A warning that nobody can read is no failure.
    let style = context.talk_style();
    let warning = format!("warning: a call that was about to begin may still begin: {doubt}");
    let _ = writeln!(context.err, "{}", wrapped(&warning, style));
    Ok(())
}
