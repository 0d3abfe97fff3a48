//! Puts a copy back: over a database that can be read, or in the place of one that cannot.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::commands::context::Context;
use crate::commands::scratch::Scratch;
use crate::dispatch::LeaseFolder;
use crate::engine::{CopyUpdate, held_leases};
use crate::error::{CommandError, ErrorKind};
use crate::model::CallRecord;
use crate::store::{Access, Store};
use crate::trusted_file::{beside, create_new, folder_of, give_to_owner_of};

/// So often the copy is brought up to a queue that others change meanwhile.
const MOST_TRIES: u32 = 5;

/// A copy, and where it is put back.
pub(super) struct Backup<'a> {
    pub(super) file: &'a Path,
    pub(super) database: &'a Path,
    pub(super) leases: &'a LeaseFolder,
}

impl Backup<'_> {
    /// Writes the copy over the database in one transaction, after it was brought up to what was called since.
    pub(super) fn put_over(
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
    pub(super) fn put_in_place(&self, context: &Context<'_>) -> Result<PathBuf, CommandError> {
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

/// Refuses to put a copy back while calls go on.
pub(super) fn refuse_while_calling(leases: &LeaseFolder) -> Result<(), CommandError> {
    let calls = match held_leases(leases)? {
        0 => return Ok(()),
        1 => "1 call is in progress".to_owned(),
        held => format!("{held} calls are in progress"),
    };
    Err(CommandError::message(ErrorKind::Refused, calls)
        .with_hint("stop cron and `callq watch`, and wait until `callq list --status in_progress` is empty"))
}
