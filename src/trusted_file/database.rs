//! The rule for a database and for all that lies beside it: its log, its memory, its leases, and its folder.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Role, Untrusted, beside, check, folder_of, user};

/// What the name of the folder of leases ends with.
pub(crate) const LEASES: &str = ".leases";

/// What the names of the files beside a database end with: SQLite's own, which it reads without a question, and the
/// leases.
pub(crate) const COMPANIONS: [&str; 4] = ["-wal", "-shm", "-journal", LEASES];

const DANGER: &str = "who could change whom callq calls";

/// Refuses a database that others may write, also by what lies beside it or by its folder.
///
/// Root may use the database of a service's user: then this user counts. What is not there is no fault.
///
/// # Errors
/// Who may write what, and the command that closes it.
pub(crate) fn check_database(path: &Path) -> Result<(), Untrusted> {
    let (found, folder) = (fs::symlink_metadata(path).ok(), folder_of(path));
    let folder_found = folder.metadata().ok();
    // Root's new database will belong to the owner of its folder.
    let owner = match (user(), &found, &folder_found) {
        (0, Some(found), _) | (0, None, Some(found)) => found.uid(),
        (user, _, _) => user,
    };
    if let Some(found) = &found {
        check(path, found, owner, Role { name: "the database", danger: DANGER })?;
    }
    for end in COMPANIONS {
        let name = if end == LEASES { "this folder of leases" } else { "this file of the database" };
        let path = beside(path, end);
        if let Ok(found) = fs::symlink_metadata(&path) {
            check(&path, &found, owner, Role { name, danger: DANGER })?;
        }
    }
    match folder_found {
        Some(found) => check(folder, &found, owner, Role { name: "this folder of the database", danger: DANGER }),
        None => Ok(()),
    }
}
