//! SQLite, the pages of the database and its schema as `doctor` finds them.

use std::path::Path;

use super::findings::Findings;
use crate::store::{SchemaFault, Store, StoreResult};

/// Whether SQLite keeps what it has committed.
pub(super) fn sqlite(findings: &mut Findings) {
    let (version, sound) = Store::sqlite_version();
    if sound {
        findings.ok("SQLite", version);
    } else {
        let risk = "before 3.51.3 a commit can be lost when two programs write at once";
        findings.error("SQLite", format!("{version}: {risk}; build callq with a newer one"));
    }
}

/// Whether the pages are sound.
pub(super) fn sound(path: &Path, store: &Store, findings: &mut Findings) -> StoreResult<()> {
    let version = store.schema_version()?;
    match store.check()? {
        Some(fault) => {
            // Its first line is a heading.
            let fault = fault.lines().last().unwrap_or_default();
            let advice = "restore a backup, or save what can be read with `sqlite3 FILE .recover`";
            findings.error("database", format!("{} is damaged: {fault}; {advice}", path.display()));
        }
        None => findings.ok("database", format!("{}: sound, schema version {version}", path.display())),
    }
    Ok(())
}

/// Checks the pages of a database whose schema is older than this program's.
pub(super) fn older(path: &Path, store: &Store, findings: &mut Findings) -> StoreResult<()> {
    sound(path, store, findings)?;
    let version = store.schema_version()?;
    findings.ok("schema", format!("schema version {version}; the next command upgrades it"));
    Ok(())
}

/// The tables and indexes are those that callq makes: it names them, and stops without.
pub(super) fn schema(store: &Store, findings: &mut Findings) -> StoreResult<()> {
    let faults = store.schema_faults()?;
    if faults.is_empty() {
        findings.ok("schema", "every table and index is as callq makes it");
    }
    for fault in faults {
        match fault {
            SchemaFault::Missing(name) => findings.error("schema", format!("{name} is missing: restore a backup")),
            SchemaFault::Changed(name) => {
                findings.error("schema", format!("{name} is not as callq makes it: restore a backup"));
            }
            SchemaFault::Planted(name) => {
                let fault =
                    "callq did not make it, and it could change the queue: nothing is written while it is there";
                findings.error("schema", format!("{name}: {fault}; find out who made it, then drop it"));
            }
            SchemaFault::Foreign(name) => {
                findings.warning("schema", format!("{name} is not callq's: it can slow the queue down"));
            }
        }
    }
    Ok(())
}
