//! The calls of all items in the order of their starts, page by page.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};

use crate::model::{AttemptId, CallRecord, ClientId, LeadId, Outcome, PhoneNumber};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::filter::Condition;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::OPEN;

/// A selection of calls; an empty one selects every call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    pub client: Option<ClientId>,
    /// Started at or after this instant.
    pub since: Option<DateTime<Utc>>,
    /// Started before this instant.
    pub until: Option<DateTime<Utc>>,
    /// With one of these outcomes; none means any.
    pub outcomes: Vec<Outcome>,
    /// With one of these reasons; none means any.
    pub reasons: Vec<String>,
    pub phone: Option<PhoneNumber>,
    pub lead: Option<LeadId>,
}

/// The place of a call in the order. An id begins with the time of its start, so that both sort alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallPosition {
    started_at: i64,
    id: AttemptId,
}

impl CallPosition {
    pub fn of(call: &CallRecord) -> CallPosition {
        CallPosition { started_at: call.attempt.started_at.timestamp_millis(), id: call.attempt.id }
    }
}

const COLUMNS: &str = "attempts.id AS id, attempts.number AS number, attempts.started_at AS started_at,
     attempts.finished_at AS finished_at, attempts.outcome AS outcome, attempts.reason AS reason,
     attempts.call_id AS call_id, attempts.duration_ms AS duration_ms, attempts.detail AS detail,
     attempts.metadata AS metadata, attempts.reached AS reached, attempts.purpose AS purpose, attempts.voice AS voice,
     (SELECT kind FROM consents WHERE consents.id = attempts.consent) AS consent_kind,
     attempts.run_id AS run_id, attempts.item_id AS item_id, clients.name AS client_name,
     items.lead_id AS lead_id, attempts.phone AS phone, runs.started_by AS started_by";

fn call(row: &Row<'_>) -> rusqlite::Result<CallRecord> {
    Ok(CallRecord {
        attempt: rows::attempt(row)?,
        item: rows::item_id(row, "item_id")?,
        client: rows::parsed(row, "client_name")?,
        lead: rows::parsed(row, "lead_id")?,
        phone: row.get("phone")?,
        by: row.get("started_by")?,
    })
}

fn position(row: &Row<'_>) -> rusqlite::Result<CallPosition> {
    Ok(CallPosition { started_at: row.get("started_at")?, id: AttemptId::from_bytes(row.get("id")?) })
}

impl CallFilter {
    /// The tables in the order in which they are read, and the columns that the calls are sorted by. Of a lead its few
    /// calls are sorted; of a number, of a client and of all an index has the order.
    fn source(&self) -> (&'static str, &'static str) {
        const BY_TIME: &str = "attempts.started_at, attempts.id";
        if self.lead.is_some() {
            ("items INDEXED BY items_lead CROSS JOIN attempts ON attempts.item_id = items.id", BY_TIME)
        } else if self.phone.is_some() {
            ("attempts CROSS JOIN items ON items.id = attempts.item_id", BY_TIME)
        } else if self.client.is_some() {
            ("attempts INDEXED BY attempts_started CROSS JOIN items ON items.id = attempts.item_id", BY_TIME)
        } else {
            ("attempts CROSS JOIN items ON items.id = attempts.item_id", "attempts.id")
        }
    }

    fn condition(&self) -> Condition {
        let mut condition = Condition::default();
        let by_id = self.lead.is_none() && self.phone.is_none() && self.client.is_none();
        if let Some(client) = &self.client {
            // With a lead or a number, the index of those finds the calls, not that of the client.
            let term = match self.lead.is_none() && self.phone.is_none() {
                true => "attempts.client_id = (SELECT id FROM clients WHERE name = ?)",
                false => "clients.name = ?",
            };
            condition.and(term, [client.as_str().to_owned().into()]);
        }
        // An id begins with the instant of its claim: with a day to spare, as for the statistics.
        for (instant, beyond, spare) in [(self.since, ">=", -1), (self.until, "<", 1)] {
            let Some(instant) = instant else { continue };
            condition.and(&format!("attempts.started_at {beyond} ?"), [instant.timestamp_millis().into()]);
            if by_id {
                let edge = instant.checked_add_signed(TimeDelta::days(spare)).unwrap_or(instant);
                let least = AttemptId::least_at(edge).as_bytes().to_vec();
                condition.and(&format!("attempts.id {beyond} ?"), [least.into()]);
            }
        }
        if !self.outcomes.is_empty() {
            let words: Vec<String> = self.outcomes.iter().map(|outcome| format!("'{outcome}'")).collect();
            condition.and(&format!("attempts.outcome IN ({})", words.join(", ")), []);
        }
        if !self.reasons.is_empty() {
            let places = vec!["?"; self.reasons.len()].join(", ");
            condition.and(&format!("attempts.reason IN ({places})"), self.reasons.iter().cloned().map(Value::from));
        }
        if let Some(phone) = &self.phone {
            condition.and("attempts.phone = ?", [phone.as_str().to_owned().into()]);
        }
        if let Some(lead) = &self.lead {
            condition.and("items.lead_id = ?", [lead.as_str().to_owned().into()]);
        }
        condition
    }

    /// The statement of a page, and its parameters.
    fn statement(&self, after: Option<CallPosition>, limit: usize) -> (String, Vec<Value>) {
        let ((tables, order), mut condition) = (self.source(), self.condition());
        if let Some(CallPosition { started_at, id }) = after {
            let id = Value::from(id.as_bytes().to_vec());
            match order.contains(',') {
                true => condition.and(&format!("({order}) > (?, ?)"), [started_at.into(), id]),
                false => condition.and(&format!("{order} > ?"), [id]),
            }
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM {tables} CROSS JOIN clients ON clients.id = attempts.client_id
             LEFT JOIN runs ON runs.id = attempts.run_id WHERE {} ORDER BY {order} LIMIT {limit}",
            condition.sql()
        );
        (sql, condition.values)
    }
}

impl Store {
    /// Up to `limit` calls of a selection in the order of their starts, after a place in it.
    pub fn calls(
        &self,
        filter: &CallFilter,
        after: Option<CallPosition>,
        limit: usize,
    ) -> StoreResult<Vec<CallRecord>> {
        let (sql, values) = filter.statement(after, limit);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let calls = statement.query_map(params_from_iter(values), call)?;
        Ok(calls.collect::<Result<_, _>>()?)
    }

    /// The place after which the last `count` calls of a selection stand; none when it has no more than those.
    pub fn before_last_calls(&self, filter: &CallFilter, count: u64) -> StoreResult<Option<CallPosition>> {
        let ((tables, order), condition) = (filter.source(), filter.condition());
        let descending: Vec<String> = order.split(", ").map(|column| format!("{column} DESC")).collect();
        // One walk over an index, for the first page only.
        let sql = format!(
            "SELECT attempts.started_at AS started_at, attempts.id AS id
             FROM {tables} CROSS JOIN clients ON clients.id = attempts.client_id
             WHERE {} ORDER BY {} LIMIT 1 OFFSET {}",
            condition.sql(),
            descending.join(", "),
            i64::try_from(count).unwrap_or(i64::MAX),
        );
        Ok(self.connection.query_row(&sql, params_from_iter(condition.values), position).optional()?)
    }

    pub fn call(&self, id: AttemptId) -> StoreResult<Option<CallRecord>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM attempts CROSS JOIN items ON items.id = attempts.item_id
             CROSS JOIN clients ON clients.id = attempts.client_id LEFT JOIN runs ON runs.id = attempts.run_id
             WHERE attempts.id = ?1"
        );
        Ok(self.connection.prepare_cached(&sql)?.query_row([id.as_bytes()], call).optional()?)
    }

    /// What placed a call, by the word of the configuration at that time.
    pub fn dispatcher_of(&self, id: AttemptId) -> StoreResult<Option<String>> {
        let mut statement = self.connection.prepare_cached("SELECT dispatcher FROM attempts WHERE id = ?1")?;
        Ok(statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The calls that have no outcome yet.
    pub fn unfinished_calls(&self) -> StoreResult<HashSet<AttemptId>> {
        let sql = format!("SELECT id FROM attempts INDEXED BY attempts_open_item WHERE {OPEN}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = statement.query_map([], |row| Ok(AttemptId::from_bytes(row.get(0)?)))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// When the call with the greatest id started.
    pub fn newest_call(&self) -> StoreResult<Option<DateTime<Utc>>> {
        let sql = "SELECT started_at FROM attempts ORDER BY id DESC LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| rows::instant(row, 0)).optional()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Access;

    const RUN: &str = "x'01901c2e7f3a7c1180000123456789ab'";

    /// `calls` calls of one lead a client, of two clients that take turns, one second after the other.
    fn queue(calls: i64) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
        store.execute(&format!(
            "INSERT INTO clients (id, name) VALUES (1, 'acme'), (2, 'globex');
             INSERT INTO items (id, client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, attempts,
                 max_retries, created_at, created_by, updated_at)
             VALUES (1, 1, 'lead', 1, 'completed', 0, 0, 0, {calls}, 3, 0, 'ops', 0),
                    (2, 2, 'lead', 1, 'completed', 0, 0, 0, {calls}, 3, 0, 'ops', 0),
                    (3, 1, 'other', 1, 'completed', 0, 0, 0, 1, 3, 0, 'ops', 0);
             INSERT INTO runs (id, started_at, started_by, process_id) VALUES ({RUN}, 0, 'ann', 1);"
        ));
        for number in 0..calls {
            let at = DateTime::from_timestamp(number, 0).unwrap();
            let id = AttemptId::new(at, [u8::try_from(number % 256).unwrap(); 10]);
            let sql = format!(
                "INSERT INTO attempts (id, item_id, client_id, number, run_id, dispatcher, phone, status_before,
                     started_at, finished_at, outcome, reason)
                 VALUES (?1, {0}, {0}, {1}, {RUN}, 'command', '+1212555010{0}', 'pending', {2}, {2}, ?2, ?3)",
                number % 2 + 1,
                number / 2 + 1,
                at.timestamp_millis(),
            );
            let (outcome, reason) = if number % 3 == 0 { ("retry", "busy") } else { ("completed", "talked") };
            store.connection.execute(&sql, rusqlite::params![id.as_bytes(), outcome, reason]).unwrap();
        }
        (folder, store)
    }

    fn seconds(store: &Store, filter: &CallFilter, limit: usize) -> Vec<i64> {
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = store.calls(filter, after, limit).unwrap();
            after = page.last().map(CallPosition::of).or(after);
            read.extend(page.iter().map(|call| call.attempt.started_at.timestamp()));
            if page.len() < limit {
                return read;
            }
        }
    }

    /// A filter, and whether it takes the call of this number.
    type FilterCase = (CallFilter, fn(i64) -> bool);

    fn filters() -> Vec<FilterCase> {
        let at = |second| DateTime::from_timestamp(second, 0);
        let all = CallFilter::default;
        let acme = || Some("acme".parse().unwrap());
        let (phone, lead) = (Some("+12125550102".parse().unwrap()), Some("lead".parse().unwrap()));
        vec![
            (all(), |_| true),
            (CallFilter { client: acme(), ..all() }, |second| second % 2 == 0),
            (CallFilter { since: at(7), until: at(20), ..all() }, |second| (7..20).contains(&second)),
            (CallFilter { client: acme(), since: at(7), until: at(20), ..all() }, |second| {
                second % 2 == 0 && (7..20).contains(&second)
            }),
            (CallFilter { phone: phone.clone(), ..all() }, |second| second % 2 == 1),
            (CallFilter { phone, since: at(9), ..all() }, |second| second % 2 == 1 && second >= 9),
            (CallFilter { lead: lead.clone(), ..all() }, |_| true),
            (CallFilter { lead, client: acme(), ..all() }, |second| second % 2 == 0),
            (CallFilter { outcomes: vec![Outcome::Retry], ..all() }, |second| second % 3 == 0),
            (CallFilter { reasons: vec!["talked".into(), "x".into()], client: acme(), ..all() }, |second| {
                second % 2 == 0 && second % 3 != 0
            }),
        ]
    }

    #[test]
    fn a_selection_is_read_once_in_the_order_of_the_starts_whatever_the_page() {
        let (_folder, store) = queue(40);
        for (filter, is_meant) in filters() {
            let expected: Vec<i64> = (0..40).filter(|second| is_meant(*second)).collect();
            for limit in [1, 3, 7, 100] {
                assert_eq!(seconds(&store, &filter, limit), expected, "{filter:?}, {limit}");
            }
            for last in [0, 1, 5, 100] {
                let after = store.before_last_calls(&filter, last).unwrap();
                let page = if last == 0 { Vec::new() } else { store.calls(&filter, after, 1_000).unwrap() };
                let read: Vec<i64> = page.iter().map(|call| call.attempt.started_at.timestamp()).collect();
                let from = expected.len().saturating_sub(usize::try_from(last).unwrap());
                assert_eq!(read, expected[from..], "{filter:?}, the last {last}");
            }
        }
    }

    #[test]
    fn a_call_names_its_item_and_who_ran_it() {
        let (_folder, store) = queue(2);
        let calls = store.calls(&CallFilter::default(), None, 10).unwrap();
        assert_eq!((calls[1].client.as_str(), calls[1].lead.as_str(), calls[1].item.get()), ("globex", "lead", 2));
        assert_eq!((calls[1].phone.as_deref(), calls[1].by.as_deref()), (Some("+12125550102"), Some("ann")));
        assert_eq!(store.call(calls[1].attempt.id).unwrap().as_ref(), Some(&calls[1]));
        assert_eq!(store.newest_call().unwrap(), DateTime::from_timestamp(1, 0));
        assert!(store.unfinished_calls().unwrap().is_empty());
    }

    #[test]
    fn an_index_finds_the_calls_and_has_their_order() {
        let (_folder, store) = queue(2);
        for (filter, _) in filters() {
            for after in [None, Some(CallPosition { started_at: 1, id: AttemptId::least_at(DateTime::UNIX_EPOCH) })] {
                let (sql, _) = filter.statement(after, 10);
                let plan = store.query_plan(&sql).join("\n");
                let is_sorted = filter.lead.is_some();
                assert_eq!(plan.contains("TEMP B-TREE"), is_sorted, "{filter:?}\n{plan}");
                let wanted = match &filter {
                    CallFilter { lead: Some(_), .. } => "items_lead (lead_id=?)",
                    CallFilter { phone: Some(_), .. } => "USING INDEX attempts_phone (phone=?",
                    CallFilter { client: Some(_), .. } => "USING INDEX attempts_started (client_id=?",
                    _ => "attempts",
                };
                let first = plan.lines().find(|line| !line.contains("SCALAR") && !line.contains("clients"));
                assert!(first.is_some_and(|line| line.contains(wanted)), "{filter:?}\n{plan}");
                if after.is_some() {
                    assert!(!plan.contains("SCAN"), "{filter:?}\n{plan}");
                }
            }
        }
    }
}
