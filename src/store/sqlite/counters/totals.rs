//! The metrics of attempts put together: read from the counters, or from the attempts themselves.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::model::{ClientId, Outcome, Times};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::counters::metrics::{ALL_CLIENTS, Metric};
use crate::store::sqlite::counters::pruned::PrunedCalls;
use crate::store::sqlite::counters::statistics::AttemptFacts;
use crate::store::sqlite::intern;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::OPEN;

/// What many attempts add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptTotals {
    /// Attempts by outcome; none while the call runs.
    pub by_outcome: HashMap<Option<Outcome>, u64>,
    /// Why attempts did not reach their lead.
    pub reasons: HashMap<String, u64>,
    /// From an item's first slot to its first attempt.
    pub waits: Times,
    /// How long calls took that took place and ended.
    pub durations: Times,
    /// The part of it that lay inside the business hours, in milliseconds.
    pub business_ms: u64,
    /// How many of the attempts are known by sums alone, since their items were pruned.
    pub pruned: u64,
}

impl AttemptTotals {
    /// Takes note of an attempt.
    pub fn note(&mut self, attempt: &AttemptFacts<'_>) {
        attempt.count().metrics(&mut |metric, n| self.add(metric, n.unsigned_abs()));
    }

    /// Adds pruned attempts. How their times are spread is not known.
    pub fn add_pruned(&mut self, calls: &PrunedCalls) {
        self.pruned += calls.attempts();
        calls.by_outcome.iter().for_each(|(outcome, n)| self.add(Metric::Outcome(Some(*outcome)), *n));
        calls.reasons.iter().for_each(|(reason, n)| self.add(Metric::Reason(reason.clone()), *n));
        self.waits.add_sum(calls.waits, calls.wait_ms);
        self.durations.add_sum(calls.calls, calls.call_ms);
        self.add(Metric::BusinessSum, calls.business_ms);
    }

    fn add(&mut self, metric: Metric, n: u64) {
        match metric {
            Metric::Outcome(outcome) => *self.by_outcome.entry(outcome).or_default() += n,
            Metric::Reason(reason) => *self.reasons.entry(reason).or_default() += n,
            Metric::Wait(bucket) => self.waits.add(bucket, n),
            Metric::WaitSum => self.waits.sum = self.waits.sum.saturating_add(n),
            Metric::Duration(bucket) => self.durations.add(bucket, n),
            Metric::DurationSum => self.durations.sum = self.durations.sum.saturating_add(n),
            Metric::BusinessSum => self.business_ms = self.business_ms.saturating_add(n),
        }
    }
}

impl Store {
    /// What the counters know of all attempts, of a client or of all, pruned ones too.
    pub fn attempt_totals(&self, client: Option<&ClientId>) -> StoreResult<AttemptTotals> {
        let mut totals = AttemptTotals::default();
        let row = match client {
            None => Some(ALL_CLIENTS),
            Some(client) => intern::find_client(&self.connection, client)?,
        };
        let mut statement = self
            .connection
            .prepare_cached("SELECT figure, key, n FROM attempt_counts WHERE client_id = ?1 AND n > 0")?;
        let mut found = statement.query([row])?;
        while let Some(row) = found.next()? {
            if let Some(metric) = Metric::read(row.get("figure")?, row.get_ref("key")?) {
                totals.add(metric, row.get::<_, i64>("n")?.unsigned_abs());
            }
        }
        self.visit_pruned_counts(row, &mut |metric, n| {
            totals.pruned += if matches!(metric, Metric::Outcome(_)) { n } else { 0 };
            totals.add(metric, n);
        })?;
        Ok(totals)
    }

    /// When each client's first attempt started, or that of one; a client without an attempt is left out.
    pub fn first_attempts(&self, client: Option<&ClientId>) -> StoreResult<HashMap<ClientId, DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, first_attempt_at FROM clients
             WHERE first_attempt_at IS NOT NULL AND (?1 IS NULL OR name = ?1)",
        )?;
        let found = statement
            .query_map([client.map(ClientId::as_str)], |row| Ok((rows::parsed(row, 0)?, rows::instant(row, 1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// When each open call of a client, or of all, started; accepted calls are open too.
    pub fn open_calls(&self, client: Option<&ClientId>) -> StoreResult<Vec<(ClientId, DateTime<Utc>)>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT name, started_at FROM attempts INDEXED BY attempts_open_client
             JOIN clients ON clients.id = client_id WHERE {OPEN} AND (?1 IS NULL OR name = ?1)"
        ))?;
        let calls = statement
            .query_map([client.map(ClientId::as_str)], |row| Ok((rows::parsed(row, 0)?, rows::instant(row, 1)?)))?;
        Ok(calls.collect::<Result<_, _>>()?)
    }
}
