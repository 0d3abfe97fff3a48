//! What was known when a call began, as it stands in the queue: rows are only added, and each says from when to when it held.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{
    AskedRegistry, AttemptId, CallRecord, Consent, DialContext, DoNotCallEntry, Item, ItemId, LeadPlace, ListFacts,
    NumberCall, NumberFacts, PhoneNumber, Purpose, RegistryFacts,
};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::lists::{consents, entry, registries};
use crate::store::sqlite::read::rows;

/// A call with what was kept of it when it began.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDial {
    pub call: CallRecord,
    /// None of calls of older versions, and of those that were put on record later.
    pub context: Option<StoredContext>,
    /// The consent that opened it.
    pub consent: Option<Consent>,
    /// How many calls to its number counted for a cap.
    pub cap_count: Option<u32>,
}

/// What many calls to one place were asked under, with its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredContext {
    pub context: DialContext,
    pub place: Arc<LeadPlace>,
    pub rules_text: String,
    pub policy_text: String,
}

fn context(row: &Row<'_>) -> rusqlite::Result<StoredContext> {
    let purpose: String = row.get("purpose")?;
    let purpose: Option<Purpose> = if purpose.is_empty() { None } else { Some(rows::of_text(&purpose, 0)?) };
    let registries = AskedRegistry::from_stored(row.get_ref("registries")?.as_str()?);
    Ok(StoredContext {
        context: DialContext {
            program: row.get("program")?,
            zone_data: row.get("zone_data")?,
            numbers: row.get("numbers")?,
            rules_version: row.get("rules_version")?,
            rules: row.get("rules")?,
            policy: row.get("policy")?,
            purpose,
            voice: rows::parsed(row, "voice")?,
            registries: registries.ok_or_else(|| rows::unreadable(0, Type::Text, "no copies of registries"))?,
        },
        place: rows::place(row)?,
        rules_text: row.get("rules_text")?,
        policy_text: row.get("policy_text")?,
    })
}

impl Store {
    /// A call with what was kept of it; none when there is no such call.
    ///
    /// # Errors
    /// When the database cannot be read, here and below.
    pub fn dial(&self, attempt: AttemptId) -> StoreResult<Option<StoredDial>> {
        let Some(call) = self.call(attempt)? else { return Ok(None) };
        let sql = format!(
            "SELECT program, zone_data, numbers, rules_version, rules, policy, purpose, voice, registries, {},
                 (SELECT text FROM texts WHERE hash = rules) AS rules_text,
                 (SELECT text FROM texts WHERE hash = policy) AS policy_text
             FROM contexts CROSS JOIN places ON places.id = contexts.place
             WHERE contexts.id = (SELECT context FROM attempts WHERE attempts.id = ?1)",
            rows::PLACE
        );
        let context = self.connection.prepare_cached(&sql)?.query_row([attempt.as_bytes()], context).optional()?;
        let sql = "SELECT consent, cap_count FROM attempts WHERE id = ?1";
        let (consent, cap_count): (Option<i64>, Option<u32>) = self
            .connection
            .prepare_cached(sql)?
            .query_row([attempt.as_bytes()], |row| Ok((row.get("consent")?, row.get("cap_count")?)))?;
        let consent = consent.map(|row| consents::of_row(&self.connection, row)).transpose()?.flatten();
        Ok(Some(StoredDial { call, context, consent, cap_count }))
    }

    /// The newest call of an item.
    pub fn newest_attempt(&self, item: ItemId) -> StoreResult<Option<AttemptId>> {
        let sql = "SELECT id FROM attempts WHERE item_id = ?1 ORDER BY number DESC LIMIT 1";
        let read = |row: &Row<'_>| Ok(AttemptId::from_bytes(row.get("id")?));
        Ok(self.connection.prepare_cached(sql)?.query_row([item.row()], read).optional()?)
    }

    /// What was known of the number of an item when a call of it began, with the calls in the time before.
    pub fn facts_at(&self, dial: &StoredDial, item: &Item, look_back: TimeDelta) -> StoreResult<NumberFacts> {
        let Some(phone) = &item.phone else { return Ok(NumberFacts::default()) };
        let (connection, at) = (&self.connection, dial.call.attempt.started_at);
        let asked = dial.context.iter().flat_map(|context| &context.context.registries);
        let registries = asked.map(|asked| registry_at(connection, asked, phone)).collect::<StoreResult<_>>()?;
        Ok(NumberFacts {
            do_not_call: entry_at(connection, item, phone, at)?,
            lists: ListFacts { registries, consents: consents::held_at(connection, phone, &item.client, at)? },
            in_use: None,
            calls: calls_before(connection, dial, phone, look_back)?,
        })
    }
}

/// The calls to a number that began before another one. Of calls of one millisecond, which only a clock that stands still
/// has, those that counted fewer came first. What ended later was unknown then.
fn calls_before(
    connection: &Connection,
    dial: &StoredDial,
    phone: &PhoneNumber,
    look_back: TimeDelta,
) -> StoreResult<Vec<NumberCall>> {
    let (attempt, at) = (&dial.call.attempt, dial.call.attempt.started_at.timestamp_millis());
    let since = at.saturating_sub(look_back.num_milliseconds());
    let mut statement = connection.prepare_cached(
        "SELECT item_id, (SELECT name FROM clients WHERE clients.id = client_id) AS client_name, started_at,
             CASE WHEN finished_at <= ?3 THEN reached END AS reached, purpose, voice
         FROM attempts INDEXED BY attempts_phone WHERE phone = ?1 AND phone IS NOT NULL AND started_at > ?2
             AND id <> ?4 AND (started_at < ?3 OR (started_at = ?3 AND coalesce(cap_count, 0) < ?5))",
    )?;
    let read = |row: &Row<'_>| {
        Ok(NumberCall {
            item: rows::item_id(row, "item_id")?,
            client: rows::parsed(row, "client_name")?,
            started_at: rows::instant(row, "started_at")?,
            reached: rows::optional(row, "reached")?,
            purpose: rows::optional(row, "purpose")?,
            voice: rows::optional(row, "voice")?,
        })
    };
    let (id, counted) = (attempt.id.as_bytes(), dial.cap_count.unwrap_or(0));
    let calls = statement.query_map(params![phone.as_str(), since, at, id, counted], read)?;
    Ok(calls.collect::<Result<_, _>>()?)
}

/// The entry that closed a number for a client just before an instant.
fn entry_at(
    connection: &Connection,
    item: &Item,
    phone: &PhoneNumber,
    at: DateTime<Utc>,
) -> StoreResult<Option<DoNotCallEntry>> {
    let mut statement = connection.prepare_cached(&format!(
        "{} {} WHERE since < ?1 AND (removed_at IS NULL OR removed_at > ?1) AND (until IS NULL OR until > ?1)
             AND (client_id IS NULL OR name = ?2) AND (pattern = ?3 OR pattern LIKE '%*') ORDER BY dnc_entries.id",
        entry::SELECT_ENTRY,
        entry::JOIN_CLIENT
    ))?;
    let values = params![at.timestamp_millis(), item.client.as_str(), phone.as_str()];
    for found in statement.query_map(values, entry::read)? {
        let found = found?;
        if found.new.pattern.matches(phone) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What the copy that was asked said of a number. The numbers of a copy that is no longer in use are gone: it is trusted.
fn registry_at(connection: &Connection, asked: &AskedRegistry, phone: &PhoneNumber) -> StoreResult<RegistryFacts> {
    let mut statement = connection.prepare_cached(
        "SELECT generation, name, as_of, covers, max_age_days, numbers, imported_at, by, state = 'current' AND EXISTS
             (SELECT 1 FROM registry_numbers WHERE registry_numbers.generation = ?1 AND number = ?2) AS is_listed
         FROM registries WHERE generation = ?1",
    )?;
    let number: Option<i64> = phone.as_str().trim_start_matches('+').parse().ok();
    let read = |row: &Row<'_>| Ok((registries::read(row)?, row.get::<_, bool>("is_listed")?));
    let (copy, is_listed) = statement.query_row(params![asked.generation, number], read).optional()?.unzip();
    Ok(RegistryFacts { name: asked.name.clone(), copy, is_listed: is_listed.unwrap_or(false) })
}
