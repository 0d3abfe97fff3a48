//! The files of the database as `doctor` finds them: whom they are open to, and how long the log is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::findings::Findings;

/// A write-ahead log that is longer than this does not get shorter by itself.
const LONG_LOG: u64 = 64 << 20;

/// A file beside the database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

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

/// The database and the files beside it are their owner's alone; nobody else may put others in their place.
pub(super) fn permissions(path: &Path, findings: &mut Findings) {
    let mode = |path: &Path| fs::metadata(path).map(|found| found.permissions().mode() & 0o7777).ok();
    let before = findings.count();
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm"), beside(path, ".leases")] {
        if let Some(mode) = mode(&file).filter(|mode| mode & 0o077 != 0) {
            let file = file.display();
            findings.error("permissions", format!("{file} is open to others (mode {mode:04o}): chmod go= {file}"));
        }
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let shown = folder.display();
    match mode(folder) {
        // In a sticky folder such as /tmp nobody replaces what is another's.
        Some(mode) if mode & 0o022 != 0 && mode & 0o1000 == 0 => {
            let fault = format!("others may replace the files in {shown} (mode {mode:04o}): chmod go-w {shown}");
            findings.error("permissions", fault);
        }
        Some(mode) if mode & 0o077 != 0 => {
            let fault = format!("others may look into {shown} (mode {mode:04o}); the database is closed to them");
            findings.warning("permissions", fault);
        }
        _ => {}
    }
    if findings.count() == before {
        findings.ok("permissions", "the database and its folder are open to nobody else");
    }
}
