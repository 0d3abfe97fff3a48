//! What stands in the database as `doctor` finds it: whether it is whole, and what waits for a person.

use std::path::Path;

use super::findings::Findings;
use super::schema::{schema, sound};
use crate::compliance::number;
use crate::store::{Filter, Store, StoreResult};

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
