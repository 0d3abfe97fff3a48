//! What can go wrong with the database, told apart by what a person does about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::trusted_file::Untrusted;

/// A failure of the store. Nothing was changed, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A command that only reads found no file.
    #[error("no database at {}", .0.display())]
    Missing(PathBuf),
    #[error("{} is a symbolic link: name the database file itself", .0.display())]
    SymbolicLink(PathBuf),
    /// The path is a folder, a device or the like.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// The file has other content.
    #[error("{} is not a callq database: {reason}", path.display())]
    Foreign {
        path: PathBuf,
        /// What was found in it.
        reason: String,
    },
    /// A newer callq wrote the file.
    #[error("{} has schema version {found}, this callq knows up to {known}: use the newer callq", path.display())]
    Newer {
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The newest version that this program knows.
        known: usize,
    },
    /// Others could change the file, or what lies beside it.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// Somebody put SQL into the file that would run with each change.
    #[error("{} has the {object}, which callq did not make: nothing is written", path.display())]
    Planted {
        path: PathBuf,
        /// Its kind and its name.
        object: String,
        /// The command that removes it.
        remedy: String,
    },
    /// The file lies on a network file system, where locks and syncs cannot be trusted.
    #[error("{} lies on a network file system ({kind}): put the database on a local disk", path.display())]
    NetworkFileSystem { path: PathBuf, kind: &'static str },
    /// The folder or the file cannot be made or read.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Another program held the database longer than the timeout.
    #[error("the database is busy: another program held it for longer than {0} s")]
    Busy(u64),
    #[error("the database failed: {0}")]
    Sqlite(rusqlite::Error),
    /// The file was removed or replaced while this program had it open: what is written there is lost.
    #[error("{} was removed or replaced while callq used it: no call is started", .0.display())]
    Gone(PathBuf),
    /// A guard of a write found another state than the one read before it.
    #[error("item {0} was changed by another program at the same moment")]
    Lost(i64),
    /// No room for what has to be written.
    #[error("the disk of the database is full: free some space on it")]
    Full,
    /// Too little room beside the database to record what a call may bring.
    #[error("less than 16 MiB are free beside the database: no call is started")]
    NoSpace,
}

impl StoreError {
    /// Whether the same may succeed a little later, without anybody opening the database anew.
    pub fn may_pass(&self) -> bool {
        match self {
            StoreError::Io { .. }
            | StoreError::Busy(_)
            | StoreError::Lost(_)
            | StoreError::Full
            | StoreError::NoSpace => true,
            StoreError::Sqlite(error) => !matches!(
                error.sqlite_error_code(),
                None | Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation)
            ),
            StoreError::Missing(_)
            | StoreError::SymbolicLink(_)
            | StoreError::NotAFile(_)
            | StoreError::Foreign { .. }
            | StoreError::Newer { .. }
            | StoreError::Untrusted(_)
            | StoreError::Planted { .. }
            | StoreError::NetworkFileSystem { .. }
            | StoreError::Gone(_) => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(super::BUSY_TIMEOUT_SECONDS),
            Some(ErrorCode::DiskFull) => StoreError::Full,
            _ if error.sqlite_error().is_some_and(|found| found.extended_code == SHARED_MEMORY_SIZE) => {
                StoreError::Full
            }
            _ => StoreError::Sqlite(error),
        }
    }
}

/// What SQLite says when its `-shm` file cannot be made larger, for which a full disk is the cause.
const SHARED_MEMORY_SIZE: i32 = rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

/// The result of a store call.
pub(crate) type StoreResult<T> = Result<T, StoreError>;
