//! `callq restore`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::protected::Protected;
use super::scratch::Scratch;
use super::starts::await_starts;
use crate::cli::Restore;
use crate::contract::{CallView, RestoreView};
use crate::dispatch::LeaseFolder;
use crate::engine::{CopyUpdate, held_leases};
use crate::error::{CommandError, ErrorKind};
use crate::model::CallRecord;
use crate::store::{Access, Store, StoreError};
use crate::trusted_file::{beside, create_new, folder_of, give_to_owner_of};

/// So often the copy is brought up to a queue that others change meanwhile.
const MOST_TRIES: u32 = 5;

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

fn refuse_while_calling(leases: &LeaseFolder) -> Result<(), CommandError> {
    let calls = match held_leases(leases)? {
        0 => return Ok(()),
        1 => "1 call is in progress".to_owned(),
        held => format!("{held} calls are in progress"),
    };
    Err(CommandError::message(ErrorKind::Refused, calls)
        .with_hint("stop cron and `callq watch`, and wait until `callq list --status in_progress` is empty"))
}

/// Whether no later try could read the database.
fn is_unreadable(error: &StoreError) -> bool {
    matches!(error, StoreError::Foreign { .. }) || matches!(error, StoreError::Sqlite(_)) && !error.may_pass()
}

/// A copy, and where it is put back.
struct Backup<'a> {
    file: &'a Path,
    database: &'a Path,
    leases: &'a LeaseFolder,
}

impl Backup<'_> {
    /// Writes the copy over the database in one transaction, after it was brought up to what was called since.
    fn put_over(
        &self,
        store: &mut Store,
        is_new: bool,
        context: &mut Context<'_>,
    ) -> Result<(Option<PathBuf>, Vec<CallRecord>), CommandError> {
        for _ in 0..MOST_TRIES {
            let present = Store::open(self.database, Access::Read)?;
            let seen = present.data_version()?;
            let scratch = Scratch::beside(self.database)?;
            let (mut copy, policies) = (self.open_copy(&scratch, context)?, context.settings()?);
            let (by, now) = (context.actor().clone(), context.now());
            let mut update =
                CopyUpdate { present: &present, copy: &mut copy, policies: &policies.policies, by: &by, now };
            let calls = update.carry_calls()?;
            let kept = if is_new { None } else { Some(self.keep(&present, context)?) };
            let is_current = || -> Result<bool, CommandError> {
                refuse_while_calling(self.leases)?;
                Ok(present.data_version()? == seen)
            };
            let written = store.overwrite_with(&copy, is_current);
            if matches!(written, Ok(true)) {
                return Ok((kept, calls));
            }
            // What was kept is not what is there now.
            let _ = kept.map(fs::remove_file);
            written?;
        }
        Err(CommandError::message(ErrorKind::Busy, "other programs change the queue all the time")
            .with_hint("stop cron and `callq watch`, and try again"))
    }

    /// The copy as a database of its own: of this version, all clients paused.
    fn open_copy(&self, scratch: &Scratch, context: &Context<'_>) -> Result<Store, CommandError> {
        let path = scratch.file("queue.db")?;
        Store::copy_backup(self.file, &path)?;
        let mut copy = Store::open(&path, Access::Change)?;
        copy.tell(context.settings()?.receivers.clone());
        let reason = format!("restored from {}", self.file.display());
        copy.pause(None, None, Some(&reason), context.actor(), context.now())?;
        Ok(copy)
    }

    /// A name beside the database that is not taken.
    fn kept_name(&self, context: &Context<'_>) -> PathBuf {
        let at = context.now().format("%Y%m%dT%H%M%SZ");
        let names = (1..).map(|number| match number {
            1 => beside(self.database, &format!(".before-restore-{at}")),
            number => beside(self.database, &format!(".before-restore-{at}-{number}")),
        });
        names.into_iter().find(|path| !path.exists()).unwrap_or_default()
    }

    /// Keeps the present database beside as one file.
    fn keep(&self, present: &Store, context: &Context<'_>) -> Result<PathBuf, CommandError> {
        let kept = self.kept_name(context);
        let failed = |error: io::Error| cannot("write", &kept, &error);
        let file = create_new(&kept).map_err(failed)?;
        give_to_owner_of(self.database, &file).map_err(failed)?;
        let made = present.copy_to(&kept, false).map_err(CommandError::from);
        made.and_then(|()| file.sync_all().and_then(|()| sync_folder(&kept)).map_err(failed)).inspect_err(|_| {
            // Half a copy is of no use.
            let _ = fs::remove_file(&kept);
        })?;
        Ok(kept)
    }

    /// Moves an unreadable database away and puts the copy in its place. Its log goes first: with another database under
    /// it, that would be read as a part of it.
    fn put_in_place(&self, context: &Context<'_>) -> Result<PathBuf, CommandError> {
        let scratch = Scratch::beside(self.database)?;
        let copy = self.open_copy(&scratch, context)?;
        let ready = scratch.file("ready.db")?;
        copy.copy_to(&ready, false)?;
        let failed = |error: io::Error| cannot("write", &ready, &error);
        let file = fs::File::open(&ready).map_err(failed)?;
        file.sync_all().and_then(|()| give_to_owner_of(self.database, &file)).map_err(failed)?;
        let kept = self.kept_name(context);
        for end in ["-wal", "-shm", "-journal", ""] {
            let (from, to) = (beside(self.database, end), beside(&kept, end));
            match fs::rename(&from, &to) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot("move", &from, &error)),
                _ => {}
            }
        }
        let placed = fs::rename(&ready, self.database).and_then(|()| sync_folder(self.database));
        placed.map_err(|error| cannot("write", self.database, &error))?;
        Ok(kept)
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(folder_of(path))?.sync_all()
}

fn cannot(action: &str, path: &Path, error: &io::Error) -> CommandError {
    CommandError::message(ErrorKind::Failed, format!("cannot {action} {}: {error}", path.display()))
}
