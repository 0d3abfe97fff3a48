//! `callq restore`

mod put_back;

use std::path::Path;

use put_back::{Backup, refuse_while_calling};

use super::context::Context;
use super::protected::Protected;
use super::starts::await_starts;
use crate::cli::Restore;
use crate::contract::{CallView, RestoreView};
use crate::dispatch::LeaseFolder;
use crate::error::{CommandError, ErrorKind};
use crate::store::{Access, Store, StoreError};

pub(super) fn run(args: &Restore, context: &mut Context<'_>) -> Result<(), CommandError> {
    let settings = context.settings()?;
    let database = context.database_path()?;
    Protected::of(&settings, context)?.refuse("FILE", &args.file)?;
    let leases = LeaseFolder::open(&database);
    refuse_while_calling(&leases)?;
    // A new database is made like any other, and then written over.
    let present = if database.exists() { Access::Change } else { Access::Create };
    let is_new = present == Access::Create;
    let backup = Backup { file: &args.file, database: &database, leases: &leases };
    let (kept, calls) = match Store::open(&database, present).and_then(|store| store.check_sound().map(|()| store)) {
        Ok(mut store) => backup.put_over(&mut store, is_new, context)?,
        Err(error) if !is_unreadable(&error) => return Err(error.into()),
        Err(error) if !args.yes => {
            let message = format!("{error}; nobody knows who was called since the copy");
            let hint = "`callq restore FILE --yes` puts the copy back all the same; `callq list` shows then who waits";
            return Err(CommandError::message(ErrorKind::Refused, message).with_hint(hint));
        }
        Err(error) => {
            context.say(format_args!("warning: {error}; nobody knows who was called since the copy"));
            (Some(backup.put_in_place(context)?), Vec::new())
        }
    };
    await_starts(context)?;
    let calls = calls.iter().map(CallView::new).collect();
    let text = |path: &Path| path.display().to_string();
    context.show(&RestoreView {
        path: text(&args.file),
        database: text(&database),
        kept: kept.as_deref().map(text),
        calls,
    })
}

/// Whether no later try could read the database.
fn is_unreadable(error: &StoreError) -> bool {
    matches!(error, StoreError::Foreign { .. }) || matches!(error, StoreError::Sqlite(_)) && !error.may_pass()
}
