//! The files of the database as `doctor` finds them: whom they are open to, and how long the log is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::findings::Findings;
use crate::engine::LEAST_FREE_SPACE;
use crate::store::Store;
use crate::trusted_file::{COMPANIONS, beside, check_database, folder_of, quoted};

/// A write-ahead log that is longer than this does not get shorter by itself.
const LONG_LOG: u64 = 64 << 20;

/// Looks at the write-ahead log: at its size only, since nothing but SQLite may open it.
pub(super) fn log(path: &Path, findings: &mut Findings) {
    let log = beside(path, "-wal");
    let size = fs::metadata(&log).map_or(0, |found| found.len());
    let shown = format!("{} MiB", size.div_ceil(1 << 20));
    if size > LONG_LOG {
        let cause = "some program reads or has the database open for very long, so that it cannot be shortened";
        findings.warning("log", format!("{} has {shown}: {cause}; it is, when the last one ends", log.display()));
    } else {
        findings.ok("log", format!("the write-ahead log has {shown}"));
    }
}

/// Without room to record what a call brings no run starts one.
pub(super) fn disk(store: &Store, findings: &mut Findings) {
    match store.free_space() {
        Ok(LEAST_FREE_SPACE..) => {}
        Ok(free) => {
            let free = format!("{} MiB are free beside the database", free >> 20);
            let needed = LEAST_FREE_SPACE >> 20;
            findings
                .error("disk", format!("{free}: below {needed} MiB no call is started; free some space on its disk"));
        }
        Err(error) => findings.error("disk", error.to_string()),
    }
}

/// The database and the files beside it are their owner's alone. What others may write is refused by every command; what
/// they may only read is a warning.
pub(super) fn permissions(path: &Path, findings: &mut Findings) {
    let mode = |path: &Path| fs::metadata(path).map(|found| found.permissions().mode() & 0o7777).ok();
    let before = findings.count();
    if let Err(untrusted) = check_database(path) {
        findings.error("permissions", untrusted.to_string());
    }
    let files = std::iter::once(path.to_owned()).chain(COMPANIONS.map(|end| beside(path, end)));
    for file in files {
        if let Some(mode) = mode(&file).filter(|mode| mode & 0o077 != 0 && mode & 0o022 == 0) {
            let (file, remedy) = (file.display(), quoted(&file));
            findings.warning("permissions", format!("{file} is open to others (mode {mode:04o}): chmod go= {remedy}"));
        }
    }
    let folder = folder_of(path);
    // What others may write is an error above, but for a sticky folder such as /tmp.
    if let Some(mode) = mode(folder).filter(|mode| mode & 0o077 != 0 && (mode & 0o022 == 0 || mode & 0o1000 != 0)) {
        let shown = folder.display();
        let fault = format!("others may look into {shown} (mode {mode:04o}); the database is closed to them");
        findings.warning("permissions", fault);
    }
    if findings.count() == before {
        findings.ok("permissions", "the database and its folder are open to nobody else");
    }
}
