//! Copies of the whole database by SQLite's own backup: out of a queue, and over it.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, ffi};

use crate::store::Store;
use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::open::{check_copy, describe};

impl Store {
    /// Copies the database into an empty private file, as it is at one instant, and checks the copy. Others may write
    /// meanwhile. `compact` leaves out the pages that are free. The caller puts the copy on disk.
    ///
    /// # Errors
    /// When the copy cannot be written, or is not sound.
    pub fn copy_to(&self, path: &Path, compact: bool) -> StoreResult<()> {
        if compact {
            // SQLite takes the other file for a part of this database, which only reads.
            self.connection.pragma_update(None, "query_only", false)?;
            let text = path.to_str().ok_or_else(|| {
                let source = std::io::Error::other("its name is not UTF-8, which --compact needs");
                StoreError::Io { action: "write", path: path.to_owned(), source }
            })?;
            self.connection.execute("VACUUM INTO ?1", [text])?;
        }
        let mut copy = private(path)?;
        if !compact {
            // In one step: SQLite begins anew when another program writes between two.
            whole(&Backup::new(&self.connection, &mut copy)?)?;
        }
        // A copy stands alone: it needs no log beside it, and may be read where nothing can be written.
        copy.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
        check_sound(&copy, path)?;
        copy.close().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// Copies a backup that lies at `from` into an empty private file, and checks that it is a sound callq database, of
    /// this version or an older one.
    ///
    /// # Errors
    /// When it is not a copy of a queue, or cannot be read.
    pub fn copy_backup(from: &Path, into: &Path) -> StoreResult<()> {
        std::fs::metadata(from).map_err(|source| StoreError::Io { action: "open", path: from.to_owned(), source })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = Connection::open_with_flags(from, flags).map_err(|error| describe(from, error))?;
        check_copy(&source, from)?;
        let mut copy = private(into)?;
        whole(&Backup::new(&source, &mut copy)?)?;
        check_sound(&copy, from)?;
        copy.close().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// Reads every page.
    ///
    /// # Errors
    /// When one cannot be read, or is not as it must be.
    pub fn check_sound(&self) -> StoreResult<()> {
        check_sound(&self.connection, Path::new(self.connection.path().unwrap_or_default()))
    }

    /// Writes the whole content of another database over this one, in one transaction. `is_current` is asked once nobody
    /// else can write any more: when it says no, nothing is written, and `false` is given back.
    ///
    /// # Errors
    /// When the database fails, or what `is_current` reports; then nothing was changed.
    pub fn overwrite_with<E: From<StoreError>>(
        &mut self,
        source: &Store,
        is_current: impl FnOnce() -> Result<bool, E>,
    ) -> Result<bool, E> {
        let backup = Backup::new(&source.connection, &mut self.connection).map_err(StoreError::from)?;
        // The first step takes the lock, and what a backup has written without its last step is rolled back.
        if step(&backup, 1)? == StepResult::Done {
            return Ok(true);
        }
        if !is_current()? {
            return Ok(false);
        }
        whole(&backup)?;
        Ok(true)
    }
}

/// Opens a file that only this process knows: its maker puts it on disk when it is whole.
fn private(path: &Path) -> StoreResult<Connection> {
    let copy = Connection::open(path)?;
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    Ok(copy)
}

fn whole(backup: &Backup<'_, '_>) -> StoreResult<()> {
    loop {
        if step(backup, -1)? == StepResult::Done {
            return Ok(());
        }
    }
}

fn step(backup: &Backup<'_, '_>, pages: std::ffi::c_int) -> StoreResult<StepResult> {
    match backup.step(pages)? {
        StepResult::Busy | StepResult::Locked => {
            Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None).into())
        }
        made => Ok(made),
    }
}

fn check_sound(connection: &Connection, path: &Path) -> StoreResult<()> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let reason = || StoreError::Foreign { path: path.to_owned(), reason: format!("it is damaged: {found}") };
    if found == "ok" { Ok(()) } else { Err(reason()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Access;

    fn queue(folder: &Path, name: &str, client: &str) -> Store {
        let mut store = Store::open(&folder.join(name), Access::Create).unwrap();
        store.execute(&format!("INSERT INTO clients (name) VALUES ('{client}')"));
        store
    }

    fn clients(store: &Store) -> Vec<String> {
        store.clients().unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_copy_is_a_sound_file_that_stands_alone_while_others_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = queue(folder.path(), "queue.db", "acme");
        let mut other = Store::open(&folder.path().join("queue.db"), Access::Change).unwrap();
        other.execute("BEGIN IMMEDIATE; INSERT INTO clients (name) VALUES ('later')");
        for compact in [false, true] {
            let path = folder.path().join(format!("copy-{compact}"));
            std::fs::write(&path, "").unwrap();
            store.copy_to(&path, compact).unwrap();
            let into = folder.path().join(format!("again-{compact}"));
            std::fs::write(&into, "").unwrap();
            Store::copy_backup(&path, &into).unwrap();
            assert_eq!(clients(&Store::open(&into, Access::Read).unwrap()), ["acme"]);
        }
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("-journal")));
    }

    #[test]
    fn what_is_written_over_a_queue_is_there_whole_or_not_at_all_for_all_who_have_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = queue(folder.path(), "queue.db", "acme");
        let reader = Store::open(&folder.path().join("queue.db"), Access::Read).unwrap();
        let source = queue(folder.path(), "other.db", "globex");
        let refused = store.overwrite_with::<StoreError>(&source, || {
            assert_eq!(clients(&reader), ["acme"]);
            Ok(false)
        });
        assert!(!refused.unwrap());
        assert_eq!((clients(&store), clients(&reader)), (vec!["acme".to_owned()], vec!["acme".to_owned()]));
        assert!(store.overwrite_with::<StoreError>(&source, || Ok(true)).unwrap());
        assert_eq!((clients(&store), clients(&reader)), (vec!["globex".to_owned()], vec!["globex".to_owned()]));
        assert_eq!(store.wrong_settings().unwrap(), [""; 0], "it stays in WAL mode");
        assert!(store.schema_faults().unwrap().is_empty());
    }

    #[test]
    fn what_is_no_backup_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("text"), "not a database, and long enough to be seen as none".repeat(40)).unwrap();
        Connection::open(path("foreign")).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        let newer = Connection::open(path("newer")).unwrap();
        newer
            .execute_batch("CREATE TABLE t (a); PRAGMA application_id = 0x636c7131; PRAGMA user_version = 99")
            .unwrap();
        for name in ["text", "foreign", "newer", "missing"] {
            std::fs::write(path("into"), "").unwrap();
            let error = Store::copy_backup(&path(name), &path("into")).unwrap_err().to_string();
            assert!(error.contains(&path(name).display().to_string()), "{error}");
        }
    }
}
