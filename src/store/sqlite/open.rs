//! Opens the one file: checks what it is, sets every connection's pragmas, brings the schema up to date.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, backup};

use crate::store::error::{StoreError, StoreResult};
use crate::store::sqlite::file::OpenedFile;
use crate::store::sqlite::schema::{APPLICATION_ID, PRESENT_VERSION, STEPS};
use crate::trusted_file::{beside, check_database, create_folder, create_new, folder_of, give_to_owner_of, quoted};

/// How long a statement waits for another program's lock, in seconds.
pub(crate) const BUSY_TIMEOUT_SECONDS: u64 = 30;

/// What a command wants of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only to look: the file must exist and is never changed, also when its schema is of an older version.
    Look,
    /// Only to read: the file must exist, and is changed only to bring its schema up to date.
    Read,
    /// To change what is there: the file must exist.
    Change,
    /// To add to it: the file is made when it does not exist.
    Create,
}

/// Opens the database for `access`; gives back the version of its schema too, if it was brought up to date.
pub(crate) fn open(path: &Path, access: Access) -> StoreResult<(Connection, OpenedFile, Option<usize>)> {
    let exists = check_path(path)?;
    if !exists && access != Access::Create {
        return Err(StoreError::Missing(path.to_owned()));
    }
    check_database(path)?;
    if !exists {
        create_file(path)?;
    }
    refuse_network_file_system(path)?;
    let file = OpenedFile::at(path)?;
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| describe(path, error))?;
    connection.busy_timeout(Duration::from_secs(BUSY_TIMEOUT_SECONDS))?;
    configure(&connection)?;
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;")
        .map_err(|error| describe(path, error))?;
    let upgraded = identify(&mut connection, path, access).map_err(|error| match error {
        StoreError::Sqlite(error) => describe(path, error),
        other => other,
    })?;
    if matches!(access, Access::Look | Access::Read) {
        connection.pragma_update(None, "query_only", true)?;
    }
    Ok((connection, file, upgraded))
}

/// Opens a private temporary database: in memory at first, in a nameless file when it grows.
pub(crate) fn open_temporary() -> StoreResult<Connection> {
    let mut connection = Connection::open("")?;
    configure(&connection)?;
    identify(&mut connection, Path::new(""), Access::Create)?;
    Ok(connection)
}

/// Sets the limits of every connection, by calls: SQL would have to be prepared. A file is mapped into memory
/// only where that is asked for.
///
/// Statements stay prepared from one use to the next. Without SQLite's query planner stability guarantee one that compares
/// a column with a parameter is prepared anew each time, since another value might ask for another plan.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Whether the file exists; refuses a link, a folder and the like.
fn check_path(path: &Path) -> StoreResult<bool> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(StoreError::SymbolicLink(path.to_owned())),
        Ok(metadata) if !metadata.is_file() => Err(StoreError::NotAFile(path.to_owned())),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::Io { action: "open", path: path.to_owned(), source }),
    }
}

/// Makes the folder (0700) and an empty file (0600); SQLite gives its side files the same mode and owner. What root makes
/// belongs to the owner of the folder.
fn create_file(path: &Path) -> StoreResult<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_folders(folder).map_err(|source| StoreError::Io {
            action: "create the folder",
            path: folder.to_owned(),
            source,
        })?;
    }
    match create_new(path).and_then(|file| give_to_owner_of(folder_of(path), file)) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::Io { action: "create", path: path.to_owned(), source }),
    }
}

/// Makes `folder` and what it lies in, and puts each new name on disk in the folder above it: SQLite does that for its
/// own files only.
fn create_folders(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    create_folder(folder)?;
    for made in missing {
        sync_folder_of(made)?;
    }
    Ok(())
}

/// Puts a new name on disk.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

#[cfg(target_os = "linux")]
fn refuse_network_file_system(path: &Path) -> StoreResult<()> {
    let kind = match rustix::fs::statfs(path).map(|status| status.f_type as u64 & 0xffff_ffff) {
        Ok(0x6969) => "NFS",
        Ok(0xff53_4d42) => "CIFS",
        Ok(0xfe53_4d42) => "SMB",
        Ok(0x517b) => "SMB",
        Ok(0x5346_414f) => "AFS",
        _ => return Ok(()),
    };
    Err(StoreError::NetworkFileSystem { path: path.to_owned(), kind })
}

#[cfg(not(target_os = "linux"))]
fn refuse_network_file_system(_path: &Path) -> StoreResult<()> {
    Ok(())
}

/// Makes sure that the file is a callq database of the present version, or makes it one; gives back the version that it had.
fn identify(connection: &mut Connection, path: &Path, access: Access) -> StoreResult<Option<usize>> {
    // One reading of all three: between two, another program could have made a queue of the file.
    let reading = connection.transaction()?;
    let (application, version) = marks(&reading)?;
    let tables: i64 = match version {
        0 => reading.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?,
        _ => 0,
    };
    reading.commit()?;
    let foreign = |reason: String| StoreError::Foreign { path: path.to_owned(), reason };
    if application == 0 && version == 0 {
        if tables > 0 {
            return Err(foreign("it holds another program's tables".to_owned()));
        }
        if access != Access::Create {
            return Err(foreign("it is empty; `callq add` makes a queue of it".to_owned()));
        }
    } else if application != i64::from(APPLICATION_ID) {
        return Err(foreign(format!("its application id is {application:#x}")));
    }
    let is_old = usize::try_from(version).is_ok_and(|version| version < PRESENT_VERSION);
    if !matches!(access, Access::Look | Access::Read) || is_old {
        refuse_planted(connection, path)?;
    }
    let newer = |found: i64| StoreError::Newer { path: path.to_owned(), found, known: PRESENT_VERSION };
    match usize::try_from(version) {
        Ok(PRESENT_VERSION) if matches!(access, Access::Look | Access::Read) => Ok(None),
        Ok(PRESENT_VERSION) => use_write_ahead_log(connection).map(|()| None),
        Ok(older) if older < PRESENT_VERSION && access == Access::Look => Ok(None),
        Ok(older) if older < PRESENT_VERSION => upgrade(connection, path, older),
        _ => Err(newer(version)),
    }
}

/// Makes sure that a file is a callq database of the present version or an older one.
pub(crate) fn check_copy(connection: &Connection, path: &Path) -> StoreResult<()> {
    let (application, version) = marks(connection).map_err(|error| match error {
        StoreError::Sqlite(error) => describe(path, error),
        other => other,
    })?;
    if application != i64::from(APPLICATION_ID) {
        let reason = format!("its application id is {application:#x}");
        return Err(StoreError::Foreign { path: path.to_owned(), reason });
    }
    if usize::try_from(version).is_ok_and(|version| version > PRESENT_VERSION) {
        return Err(StoreError::Newer { path: path.to_owned(), found: version, known: PRESENT_VERSION });
    }
    refuse_planted(connection, path)
}

/// Refuses SQL of somebody else that would run with callq's changes: callq makes no trigger and no view.
fn refuse_planted(connection: &Connection, path: &Path) -> StoreResult<()> {
    let sql = "SELECT type, name FROM sqlite_schema WHERE type = 'trigger' OR type = 'view' LIMIT 1";
    let found = connection.query_row(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
    let Some((kind, name)) = found.optional()? else { return Ok(()) };
    let drop = format!("DROP {} \"{}\"", kind.to_uppercase(), name.replace('"', "\"\""));
    let remedy = format!("sqlite3 {} {}", quoted(path), quoted(Path::new(&drop)));
    Err(StoreError::Planted { path: path.to_owned(), object: format!("{kind} `{name}`"), remedy })
}

fn marks(connection: &Connection) -> StoreResult<(i64, i64)> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, version))
}

/// Applies the missing steps in one transaction that reads the version again: two programs that start together do not
/// both apply them, and no third program finds a version between the old one and the present.
fn upgrade(connection: &mut Connection, path: &Path, found: usize) -> StoreResult<Option<usize>> {
    if found > 0 {
        back_up(connection, path, found)?;
    }
    use_write_ahead_log(connection)?;
    // A step may put a new table in the place of one that others refer to; within a transaction it cannot be switched.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (_, version) = marks(&transaction)?;
    let applied = usize::try_from(version).unwrap_or(PRESENT_VERSION);
    for step in STEPS.iter().skip(applied) {
        transaction.execute_batch(step)?;
    }
    if applied < PRESENT_VERSION {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", PRESENT_VERSION as i64)?;
    }
    transaction.commit()?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    Ok((1..PRESENT_VERSION).contains(&applied).then_some(applied))
}

/// Copies the file of version `found` before its first step. The copy gets its name only when it is whole and still of
/// that version: another program may be upgrading the same file.
fn back_up(connection: &Connection, path: &Path, found: usize) -> StoreResult<()> {
    let kept = beside(path, &format!(".v{found}-backup"));
    let unfinished = beside(&kept, &format!(".{}", std::process::id()));
    // What a killed process of the same number left. Whatever else stands there is not written to.
    let _ = fs::remove_file(&unfinished);
    create_new(&unfinished).and_then(|file| give_to_owner_of(path, file)).map_err(|source| StoreError::Io {
        action: "create",
        path: unfinished.clone(),
        source,
    })?;
    let mut copy = Connection::open(&unfinished)?;
    backup::Backup::new(connection, &mut copy)?.run_to_completion(1_000, Duration::ZERO, None)?;
    let (_, version) = marks(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    let (action, done) = if version == found as i64 {
        ("rename", fs::rename(&unfinished, kept).and_then(|()| sync_folder_of(path)))
    } else {
        ("remove", fs::remove_file(&unfinished))
    };
    done.map_err(|source| StoreError::Io { action, path: unfinished, source })
}

/// Switches the file to WAL mode, unless it is there already: asking is free, switching takes locks.
///
/// Of two programs that switch at once each holds what the other waits for; SQLite then fails one of them at once,
/// whatever its busy time-out, and its next try succeeds.
fn use_write_ahead_log(connection: &Connection) -> StoreResult<()> {
    let begun = Instant::now();
    loop {
        let switched =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).and_then(|mode: String| {
                if mode == "wal" {
                    return Ok(());
                }
                connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
            });
        match switched {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && begun.elapsed() < Duration::from_secs(BUSY_TIMEOUT_SECONDS) =>
            {
                thread::sleep(Duration::from_millis(10));
            }
            other => return Ok(other?),
        }
    }
}

/// Tells a file that is no database from a failure.
pub(crate) fn describe(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            StoreError::Foreign { path: path.to_owned(), reason: "it is not an SQLite file".to_owned() }
        }
        // A file in a folder that cannot be written is "read-only" to SQLite, also for a command that only reads.
        Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly) => StoreError::Io {
            action: "open",
            path: path.to_owned(),
            source: io::Error::other("SQLite needs to read and write it, and to make files beside it"),
        },
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_stays_prepared_whatever_is_bound() {
        let connection = open_temporary().unwrap();
        for client in 0..5 {
            let sql = "SELECT lead_id FROM items WHERE client_id = ?1 AND priority = ?2 AND key = ?3 LIMIT ?4";
            let mut statement = connection.prepare_cached(sql).unwrap();
            assert!(!statement.exists((client, client % 2, "key", client + 1)).unwrap());
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "client {client}");
        }
    }
}
