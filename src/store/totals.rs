//! The figures of attempts put together: read from what is kept, or from the attempts themselves.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::error::StoreResult;
use super::figures::{EVERYBODY, Figure};
use super::schema::OPEN;
use super::statistics::AttemptFacts;
use super::{Store, intern, rows};
use crate::model::{ClientId, Outcome, Times};

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
}

impl AttemptTotals {
    /// Takes note of an attempt.
    pub fn note(&mut self, attempt: &AttemptFacts<'_>) {
        attempt.count().figures(&mut |figure, n| self.add(figure, n.unsigned_abs()));
    }

    fn add(&mut self, figure: Figure, n: u64) {
        match figure {
            Figure::Outcome(outcome) => *self.by_outcome.entry(outcome).or_default() += n,
            Figure::Reason(reason) => *self.reasons.entry(reason).or_default() += n,
            Figure::Wait(bucket) => self.waits.add(bucket, n),
            Figure::WaitSum => self.waits.sum = self.waits.sum.saturating_add(n),
            Figure::Duration(bucket) => self.durations.add(bucket, n),
            Figure::DurationSum => self.durations.sum = self.durations.sum.saturating_add(n),
            Figure::BusinessSum => self.business_ms = self.business_ms.saturating_add(n),
        }
    }

    /// The times whose buckets the figures of a number are, if they are any.
    fn times(&mut self, number: i64) -> Option<&mut Times> {
        match number {
            Figure::WAITS => Some(&mut self.waits),
            Figure::DURATIONS => Some(&mut self.durations),
            _ => None,
        }
    }
}

impl Store {
    /// What is kept of all attempts, of a client or of all, without looking at one. Of times the longer half is told bucket
    /// by bucket, which is enough for the median and what lies above it: most buckets are of short times, in which few are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn attempt_totals(&self, client: Option<&ClientId>) -> StoreResult<AttemptTotals> {
        let mut totals = AttemptTotals::default();
        let row = match client {
            None => Some(EVERYBODY),
            Some(client) => intern::find_client(&self.connection, client)?,
        };
        let mut sum = self
            .connection
            .prepare_cached("SELECT coalesce(sum(n), 0) FROM attempt_counts WHERE client_id = ?1 AND figure = ?2")?;
        let mut longest_first = self.connection.prepare_cached(
            "SELECT key, n FROM attempt_counts WHERE client_id = ?1 AND figure = ?2 ORDER BY key DESC",
        )?;
        for number in Figure::NUMBERS {
            let all = match totals.times(number) {
                Some(_) => Some(sum.query_row((row, number), |row| row.get(0)).map(i64::unsigned_abs)?),
                None => None,
            };
            let mut read = 0_u64;
            let mut found = longest_first.query((row, number))?;
            while all.is_none_or(|all| read <= all.saturating_sub(read))
                && let Some(row) = found.next()?
            {
                let n = row.get::<_, i64>(1)?.unsigned_abs();
                read = read.saturating_add(n);
                if let Some(figure) = Figure::read(number, row.get_ref(0)?).filter(|_| n > 0) {
                    totals.add(figure, n);
                }
            }
            if let (Some(times), Some(all)) = (totals.times(number), all) {
                times.shorter = all.saturating_sub(read);
            }
        }
        Ok(totals)
    }

    /// When each client's first attempt started, or that of one; a client without an attempt is left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn first_attempts(&self, client: Option<&ClientId>) -> StoreResult<HashMap<ClientId, DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, first_attempt_at FROM clients
             WHERE first_attempt_at IS NOT NULL AND (?1 IS NULL OR name = ?1)",
        )?;
        let found = statement
            .query_map([client.map(ClientId::as_str)], |row| Ok((rows::parsed(row, 0)?, rows::instant(row, 1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// When each open call of a client, or of all, started; those that were handed over are open too.
    ///
    /// # Errors
    /// When the database cannot be read.
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
