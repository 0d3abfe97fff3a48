//! The small programs that callq is measured against: the least that does the same work on a like database.
//!
//! They are modes of this one program: `speed reference MODE …`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What a mode gives back.
type Done = Result<(), Box<dyn std::error::Error>>;

/// Runs the mode that the arguments name.
pub(crate) fn run(arguments: &[String]) -> Done {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["open", database] => only_open(database),
        ["insert", database, lead] => insert(database, lead),
        ["load", database, file] => load(database, file),
        ["export", database] => export(database),
        ["scan", database] => scan(database),
        ["cycle", database, count] => cycle(database, count.parse()?),
        _ => Err(format!("no such reference: {arguments:?}").into()),
    }
}

/// Opens a database as callq does: durable, checked.
fn open(database: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
    connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
    Ok(connection)
}

fn only_open(database: &str) -> Done {
    open(database)?;
    Ok(())
}

const INSERT: &str = "INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at,
     max_retries, phone, metadata, created_at, created_by, updated_at)
     VALUES (1, ?1, 2, 'pending', 0, ?2, ?2, 3, ?3, ?4, ?2, 'bench', ?2)";

/// Any instant will do.
const NOW: i64 = 1_795_446_000_000;

/// An instant after every other: the year 2096.
const LATER: i64 = 4_000_000_000_000;

fn insert(database: &str, lead: &str) -> Done {
    let mut connection = open(database)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(INSERT, params![lead, NOW, None::<&str>, None::<&str>])?;
    transaction.commit()?;
    Ok(())
}

/// A record of the import, as the driver writes it.
#[derive(Deserialize)]
struct Lead<'text> {
    lead_id: &'text str,
    phone: &'text str,
    #[serde(borrow)]
    metadata: &'text RawValue,
}

fn load(database: &str, file: &str) -> Done {
    let mut connection = open(database)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert = transaction.prepare(INSERT)?;
        let mut reader = BufReader::with_capacity(256 * 1_024, File::open(file)?);
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 {
            let lead: Lead = serde_json::from_str(&line)?;
            insert.execute(params![lead.lead_id, NOW, lead.phone, lead.metadata.get()])?;
            line.clear();
        }
    }
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Writes every item as a JSON line, with the stored numbers for instants.
fn export(database: &str) -> Done {
    let connection = open(database)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut statement = connection.prepare(
        "SELECT items.id, name, lead_id, priority, status, scheduled_at, tries, max_retries, attempts, phone, metadata,
             created_at, created_by, updated_at
         FROM items JOIN clients ON clients.id = client_id ORDER BY items.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        write!(out, "{{\"id\":{}", row.get::<_, i64>(0)?)?;
        let text = |out: &mut BufWriter<_>, name: &str, index: usize| -> Done {
            write!(out, ",\"{name}\":")?;
            serde_json::to_writer(out, &row.get_ref(index)?.as_str_or_null()?)?;
            Ok(())
        };
        text(&mut out, "client_id", 1)?;
        text(&mut out, "lead_id", 2)?;
        text(&mut out, "status", 4)?;
        text(&mut out, "phone", 9)?;
        text(&mut out, "created_by", 12)?;
        let numbers = [("priority", 3), ("scheduled_at", 5), ("retry_count", 6), ("max_retries", 7), ("attempts", 8)];
        for (name, index) in numbers.into_iter().chain([("created_at", 11), ("updated_at", 13)]) {
            write!(out, ",\"{name}\":{}", row.get::<_, i64>(index)?)?;
        }
        writeln!(out, ",\"metadata\":{}}}", row.get_ref(10)?.as_str_or_null()?.unwrap_or("null"))?;
    }
    out.flush()?;
    Ok(())
}

/// Reads of every waiting item the numbers that a forecast needs.
fn scan(database: &str) -> Done {
    let connection = open(database)?;
    let mut statement = connection.prepare(
        "SELECT id, client_id, priority, zones, scheduled_at, not_before, expires_at, tries, max_retries, updated_at,
             phone IS NOT NULL, callback_until IS NOT NULL
         FROM items NOT INDEXED
         WHERE (status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut sum = 0_i64;
    while let Some(row) = rows.next()? {
        for column in 0..12 {
            sum = sum.wrapping_add(row.get::<_, Option<i64>>(column)?.unwrap_or(0));
        }
    }
    writeln!(io::stdout(), "{sum}")?;
    Ok(())
}

/// Five calls in each durable transaction: what ended is recorded, and the next five are taken.
fn cycle(database: &str, count: usize) -> Done {
    let mut connection = open(database)?;
    connection.execute(
        "INSERT INTO runs (id, started_at, started_by, process_id) VALUES (zeroblob(16), ?1, 'bench', 1)",
        [NOW],
    )?;
    let mut open_calls: Vec<(i64, [u8; 16])> = Vec::new();
    let mut begun = 0;
    while begun < count || !open_calls.is_empty() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (item, attempt) in open_calls.drain(..) {
            finish(&transaction, item, attempt)?;
        }
        let due: Vec<(i64, Option<String>)> = {
            let mut heads = transaction.prepare_cached(
                "SELECT id, phone FROM items INDEXED BY items_queue
                 WHERE (status = 'pending' OR status = 'scheduled' OR status = 'retry_scheduled') AND not_before IS NULL
                     AND callback_until IS NULL AND client_id = 1 AND priority = 2 AND zones = (SELECT max(id) FROM places) AND scheduled_at <= ?1
                 ORDER BY scheduled_at, id LIMIT ?2",
            )?;
            let ids = heads.query_map(params![i64::MAX, i64::try_from((count - begun).min(5))?], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            ids.collect::<Result<_, _>>()?
        };
        if due.is_empty() && begun < count {
            return Err(format!("only {begun} items are due").into());
        }
        for (item, phone) in due {
            begun += 1;
            let mut attempt = [0; 16];
            attempt[8..].copy_from_slice(&(begun as u64).to_be_bytes());
            take(&transaction, item, phone, attempt)?;
            open_calls.push((item, attempt));
        }
        transaction.commit()?;
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn take(transaction: &Transaction<'_>, item: i64, phone: Option<String>, attempt: [u8; 16]) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, phone, status_before, started_at)
         VALUES (?1, ?2, 1, 1, zeroblob(16), 'bench', ?4, 'pending', ?3)",
    )?;
    insert.execute(params![attempt, item, NOW, phone])?;
    let mut update = transaction.prepare_cached(
        "UPDATE items SET status = 'in_progress', open_attempt = ?2, attempts = attempts + 1, tries = tries + 1,
             first_attempt_at = ?3, updated_at = ?3
         WHERE id = ?1",
    )?;
    update.execute(params![item, attempt, NOW])?;
    Ok(())
}

/// Of a hundred calls 47 are over, and 53 wait for another one, as the simulator plays them.
fn finish(transaction: &Transaction<'_>, item: i64, attempt: [u8; 16]) -> rusqlite::Result<()> {
    let is_over = item % 100 < 47;
    let (outcome, reason) = if is_over { ("completed", "answered") } else { ("retry", "no_answer") };
    let mut end = transaction.prepare_cached(
        "UPDATE attempts SET outcome = ?3, reason = ?4, duration_ms = 1000, finished_at = ?2 WHERE id = ?1",
    )?;
    end.execute(params![attempt, NOW, outcome, reason])?;
    let (status, scheduled_at) = if is_over { ("completed", NOW) } else { ("retry_scheduled", LATER + item) };
    let mut update = transaction.prepare_cached(
        "UPDATE items SET status = ?3, open_attempt = NULL, last_reason = ?4, updated_at = ?2, scheduled_at = ?5
         WHERE id = ?1",
    )?;
    update.execute(params![item, NOW, status, reason, scheduled_at])?;
    Ok(())
}
