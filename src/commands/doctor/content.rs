//! What stands in the database as `doctor` finds it: whether it is sound and whole, and what waits for a person.

use std::path::Path;

use super::findings::Findings;
use crate::compliance::number;
use crate::store::{Filter, SchemaFault, Store, StoreResult};

/// The most items that are named; the rest is counted.
const MOST_NAMED: usize = 20;

/// Checks the content, from the pages up.
pub(super) fn content(path: &Path, store: &Store, findings: &mut Findings) -> StoreResult<()> {
    sound(path, store, findings)?;
    schema(store, findings)?;
    numbers(store, findings)?;
    let wrong = store.wrong_settings()?;
    match wrong.is_empty() {
        true => findings.ok("settings", "write-ahead log, every commit is synced to disk"),
        false => findings.error("settings", wrong.join(", ")),
    }
    match store.broken_references()? {
        0 => findings.ok("references", "every row finds the rows that it names"),
        count => findings.error("references", format!("{count} rows name a row that is not there")),
    }
    let miscounts = store.miscounts()?;
    if miscounts.is_empty() {
        findings.ok("counts", "the kept counts and figures are those of the items and attempts");
    }
    for wrong in miscounts {
        findings.error("counts", format!("{}: {}, but {} are counted", wrong.what, wrong.real, wrong.kept));
    }
    Ok(())
}

/// Whether the pages are sound.
fn sound(path: &Path, store: &Store, findings: &mut Findings) -> StoreResult<()> {
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

/// Numbers that a version before took and that no plan allows: a run does not call them.
fn numbers(store: &Store, findings: &mut Findings) -> StoreResult<()> {
    let (mut named, mut more) = (Vec::new(), 0_u64);
    store.visit_live_numbers(&mut |item, phone| {
        if let Err(error) = number::read(phone, None) {
            if named.len() < MOST_NAMED { named.push((item, error)) } else { more += 1 }
        }
    })?;
    for (item, error) in named {
        let way_out = format!("a run fails it as invalid_number: `callq update {item} --phone NUMBER`");
        findings.warning("numbers", format!("item {item}: {error}; {way_out}"));
    }
    if more > 0 {
        findings.warning("numbers", format!("and {more} more items"));
    }
    Ok(())
}

/// The tables and indexes are those that callq makes: it names them, and stops without.
fn schema(store: &Store, findings: &mut Findings) -> StoreResult<()> {
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

/// What waits for a person.
pub(super) fn held(store: &Store, findings: &mut Findings) -> StoreResult<()> {
    let held = store.count(&Filter { held: true, ..Filter::default() })?;
    let way_out = "nobody knows how the last call ended; `callq list --held` shows them, `callq report` settles one, \
                   `callq retry` calls again";
    match held {
        0 => findings.ok("held", "no item waits for a person to decide"),
        1 => findings.warning("held", format!("1 item: {way_out}")),
        _ => findings.warning("held", format!("{held} items: {way_out}")),
    }
    Ok(())
}
