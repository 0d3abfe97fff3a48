//! The sums of what `prune` deleted, so that the figures of those days stay true. They are written in the transaction that
//! deletes the rows: no call is ever in both, or in neither.
//!
//! Calls are kept by quarters of an hour in UTC, since a client's zone may change later, and midnight of every zone of today
//! is the beginning of one. Only the sums of all time know how times are spread: a quarter of an hour has as many different
//! times as calls.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rusqlite::{Connection, Row, params, params_from_iter};

use crate::model::{ClientId, Outcome, Status};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::counters::metrics::{AttemptCount, Metric};
use crate::store::sqlite::counters::sums::{CounterChanges, ItemKind};
use crate::store::sqlite::intern;
use crate::store::sqlite::read::rows;

/// How long the attempts of one row began after one another.
pub(crate) const PRUNED_QUARTER: TimeDelta = TimeDelta::minutes(15);

/// The day of an instant on a client's calendar.
pub(crate) type DayOf<'a> = dyn Fn(&ClientId, DateTime<Utc>) -> NaiveDate + 'a;

/// The pruned attempts of a client that began in one quarter of an hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrunedCalls {
    /// Items that had their first attempt of a day on the client's calendar here.
    pub items: u64,
    pub by_outcome: HashMap<Outcome, u64>,
    pub reasons: BTreeMap<String, u64>,
    /// First attempts, and how long their items had waited in all.
    pub waits: u64,
    pub wait_ms: u64,
    /// Calls that took place and ended, how long they took in all, and how much of it lay inside the business hours.
    pub calls: u64,
    pub call_ms: u64,
    pub business_ms: u64,
    /// Items that had their last attempt here, as they ended.
    pub items_completed: u64,
    pub items_failed: u64,
    pub items_retried: u64,
    pub items_completed_after_retry: u64,
}

/// The outcomes of attempts that can be pruned: an open one has none, and its item stays.
const OUTCOMES: [Outcome; 7] = [
    Outcome::Completed,
    Outcome::Retry,
    Outcome::Failed,
    Outcome::Unknown,
    Outcome::Accepted,
    Outcome::Returned,
    Outcome::Unavailable,
];

/// The columns of a quarter, in the order of [`PrunedCalls::numbers`].
const COLUMNS: [&str; 17] = [
    "items",
    "completed",
    "retry",
    "failed",
    "unknown",
    "accepted",
    "returned",
    "unavailable",
    "waits",
    "wait_ms",
    "calls",
    "call_ms",
    "business_ms",
    "items_completed",
    "items_failed",
    "items_retried",
    "items_completed_after_retry",
];

impl PrunedCalls {
    /// How many attempts there are.
    pub fn attempts(&self) -> u64 {
        self.by_outcome.values().sum()
    }

    fn numbers(&self) -> [u64; 17] {
        let [completed, retry, failed, unknown, accepted, returned, unavailable] =
            OUTCOMES.map(|outcome| self.by_outcome.get(&outcome).copied().unwrap_or(0));
        [
            self.items,
            completed,
            retry,
            failed,
            unknown,
            accepted,
            returned,
            unavailable,
            self.waits,
            self.wait_ms,
            self.calls,
            self.call_ms,
            self.business_ms,
            self.items_completed,
            self.items_failed,
            self.items_retried,
            self.items_completed_after_retry,
        ]
    }

    /// The sums of a row, without its reasons.
    fn read(row: &Row<'_>) -> rusqlite::Result<PrunedCalls> {
        let number = |column: &str| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let mut by_outcome = HashMap::new();
        for outcome in OUTCOMES {
            let count = number(outcome.as_str())?;
            if count > 0 {
                by_outcome.insert(outcome, count);
            }
        }
        Ok(PrunedCalls {
            items: number("items")?,
            by_outcome,
            reasons: BTreeMap::new(),
            waits: number("waits")?,
            wait_ms: number("wait_ms")?,
            calls: number("calls")?,
            call_ms: number("call_ms")?,
            business_ms: number("business_ms")?,
            items_completed: number("items_completed")?,
            items_failed: number("items_failed")?,
            items_retried: number("items_retried")?,
            items_completed_after_retry: number("items_completed_after_retry")?,
        })
    }

    fn add(&mut self, attempt: &AttemptCount<'_>) {
        attempt.metrics(&mut |metric, n| {
            let n = n.unsigned_abs();
            match metric {
                Metric::Outcome(Some(outcome)) => *self.by_outcome.entry(outcome).or_default() += n,
                Metric::Outcome(None) => {}
                Metric::Reason(reason) => *self.reasons.entry(reason).or_default() += n,
                Metric::Wait(_) => self.waits += n,
                Metric::WaitSum => self.wait_ms += n,
                Metric::Duration(_) => self.calls += n,
                Metric::DurationSum => self.call_ms += n,
                Metric::BusinessSum => self.business_ms += n,
            }
        });
    }

    /// Counts the item of the last attempt.
    fn end(&mut self, kind: ItemKind) {
        let is_completed = kind.status == Status::Completed;
        self.items_completed += u64::from(is_completed);
        self.items_failed += u64::from(kind.status == Status::Failed);
        self.items_retried += u64::from(kind.retried);
        self.items_completed_after_retry += u64::from(kind.retried && is_completed);
    }
}

/// An attempt that is deleted with its item.
pub(crate) struct LeavingAttempt<'a> {
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) is_last: bool,
    pub(crate) count: AttemptCount<'a>,
}

/// What one transaction deletes, folded so that it writes a few rows. Clients are named by their rows.
pub(crate) struct PrunedSums<'a> {
    day_of: &'a DayOf<'a>,
    clients: HashMap<i64, ClientId>,
    items: BTreeMap<(i64, Status, bool), i64>,
    all_time: CounterChanges,
    quarters: BTreeMap<(i64, i64), PrunedCalls>,
    /// The days on which the item that is being deleted had an attempt.
    days: Vec<NaiveDate>,
}

impl<'a> PrunedSums<'a> {
    pub(crate) fn new(day_of: &'a DayOf<'a>) -> PrunedSums<'a> {
        PrunedSums {
            day_of,
            clients: HashMap::new(),
            items: BTreeMap::new(),
            all_time: CounterChanges::default(),
            quarters: BTreeMap::new(),
            days: Vec::new(),
        }
    }

    /// Adds an item. Its attempts follow, each by [`PrunedSums::add_attempt`].
    pub(crate) fn add_item(&mut self, connection: &Connection, client: i64, kind: ItemKind) -> StoreResult<()> {
        if let Entry::Vacant(unknown) = self.clients.entry(client) {
            unknown.insert(intern::client_of_row(connection, client)?);
        }
        self.days.clear();
        *self.items.entry((client, kind.status, kind.retried)).or_default() += 1;
        Ok(())
    }

    /// Adds an attempt of the item that was added last.
    pub(crate) fn add_attempt(&mut self, client: i64, kind: ItemKind, attempt: &LeavingAttempt<'_>) {
        self.all_time.add_attempt(client, &attempt.count);
        let (started_at, quarter) = (attempt.started_at.timestamp_millis(), PRUNED_QUARTER.num_milliseconds());
        let calls = self.quarters.entry((client, started_at - started_at.rem_euclid(quarter))).or_default();
        calls.add(&attempt.count);
        if attempt.is_last {
            calls.end(kind);
        }
        let day = self.clients.get(&client).map(|client| (self.day_of)(client, attempt.started_at));
        if let Some(day) = day.filter(|day| !self.days.contains(day)) {
            calls.items += 1;
            self.days.push(day);
        }
    }

    pub(crate) fn write(self, connection: &Connection) -> StoreResult<()> {
        let mut items = connection.prepare_cached(
            "INSERT INTO pruned_items (client_id, status, retried, n) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (client_id, status, retried) DO UPDATE SET n = pruned_items.n + ?4",
        )?;
        for ((client, status, retried), n) in self.items {
            items.execute(params![client, status.as_str(), retried, n])?;
        }
        let mut counts = connection.prepare_cached(
            "INSERT INTO pruned_counts (client_id, figure, word, number, n) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (client_id, figure, word, number) DO UPDATE SET n = pruned_counts.n + ?5",
        )?;
        for ((client, metric), n) in self.all_time.into_metrics() {
            let (word, number) = metric.columns();
            counts.execute(params![client, metric.number(), word, number, n])?;
        }
        let sums: Vec<String> =
            COLUMNS.iter().map(|name| format!("{name} = pruned_quarters.{name} + excluded.{name}")).collect();
        let mut quarters = connection.prepare_cached(&format!(
            "INSERT INTO pruned_quarters (client_id, begins_at, {}) VALUES (?, ?{}) ON CONFLICT (client_id, begins_at)
             DO UPDATE SET {}",
            COLUMNS.join(", "),
            ", ?".repeat(COLUMNS.len()),
            sums.join(", ")
        ))?;
        let mut reasons = connection.prepare_cached(
            "INSERT INTO pruned_reasons (client_id, begins_at, reason, n) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (client_id, begins_at, reason) DO UPDATE SET n = pruned_reasons.n + ?4",
        )?;
        for ((client, begins_at), calls) in self.quarters {
            let numbers = calls.numbers().map(|number| i64::try_from(number).unwrap_or(i64::MAX));
            quarters.execute(params_from_iter([client, begins_at].into_iter().chain(numbers)))?;
            for (reason, n) in calls.reasons {
                reasons.execute(params![client, begins_at, reason, i64::try_from(n).unwrap_or(i64::MAX)])?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// The pruned items of a client, or of all: how many ended in each status, and how many of them were retried.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn pruned_items(&self, client: Option<&ClientId>) -> StoreResult<BTreeMap<Status, (u64, u64)>> {
        let only = intern::only_client(&self.connection, client)?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT status, retried, n FROM pruned_items WHERE (?1 IS NULL OR client_id = ?1)")?;
        let mut found = statement.query([only])?;
        let mut items: BTreeMap<Status, (u64, u64)> = BTreeMap::new();
        while let Some(row) = found.next()? {
            let n = row.get::<_, i64>("n")?.unsigned_abs();
            let (all, retried) = items.entry(rows::parsed(row, 0)?).or_default();
            *all += n;
            *retried += if row.get("retried")? { n } else { 0 };
        }
        Ok(items)
    }

    /// Passes what is kept of the pruned attempts of all time to `add`, of the client of this row.
    pub(crate) fn visit_pruned_counts(&self, client: Option<i64>, add: &mut dyn FnMut(Metric, u64)) -> StoreResult<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT figure, word, number, n FROM pruned_counts WHERE client_id = ?1")?;
        let mut found = statement.query([client])?;
        while let Some(row) = found.next()? {
            let figure = row.get("figure")?;
            let key = match Metric::is_word(figure) {
                true => row.get_ref("word")?,
                false => row.get_ref("number")?,
            };
            if let Some(metric) = Metric::read(figure, key) {
                add(metric, row.get::<_, i64>("n")?.unsigned_abs());
            }
        }
        Ok(())
    }

    /// Passes the pruned attempts of a client, or of all, to `visit`: by quarters of an hour, each with the instant at which
    /// it begins, from the one that ends behind `since` to the one that begins before `until`. Those of one client come
    /// oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visit_pruned(
        &self,
        client: Option<&ClientId>,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        visit: &mut dyn FnMut(&ClientId, DateTime<Utc>, PrunedCalls),
    ) -> StoreResult<()> {
        let clients = match client {
            Some(client) => vec![client.clone()],
            None => self.clients()?,
        };
        let after = since.and_then(|since| since.checked_sub_signed(PRUNED_QUARTER));
        let after = after.map_or(i64::MIN, |at| at.timestamp_millis());
        let until = until.map_or(i64::MAX, |at| at.timestamp_millis());
        let mut quarters = self.connection.prepare_cached(&format!(
            "SELECT begins_at, {} FROM pruned_quarters WHERE client_id = ?1 AND begins_at > ?2 AND begins_at < ?3
             ORDER BY begins_at",
            COLUMNS.join(", ")
        ))?;
        let mut reasons = self
            .connection
            .prepare_cached("SELECT reason, n FROM pruned_reasons WHERE client_id = ?1 AND begins_at = ?2")?;
        for client in clients {
            let Some(row_of_client) = intern::find_client(&self.connection, &client)? else { continue };
            let mut found = quarters.query([row_of_client, after, until])?;
            while let Some(row) = found.next()? {
                let mut calls = PrunedCalls::read(row)?;
                let begins_at: i64 = row.get(0)?;
                let mut found = reasons.query([row_of_client, begins_at])?;
                while let Some(row) = found.next()? {
                    calls.reasons.insert(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs());
                }
                visit(&client, rows::instant(row, 0)?, calls);
            }
        }
        Ok(())
    }
}
