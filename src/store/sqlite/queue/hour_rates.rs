//! What was learned of the hours of a client.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::model::{ClientId, HourRate, HoursOfWeek};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::intern;
use crate::store::sqlite::queue::reader::QueueReader;
use crate::store::sqlite::read::rows;

impl QueueReader<'_> {
    /// The rates that a client learned; none before the first time.
    pub fn hour_rates(&self, client: &ClientId) -> StoreResult<Option<HoursOfWeek<HourRate>>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT mean, variance, calls FROM hour_rates
             WHERE client_id = (SELECT id FROM clients WHERE name = ?1) ORDER BY how",
        )?;
        let rates = statement.query_map([client.as_str()], |row| {
            Ok(HourRate { mean: row.get(0)?, variance: row.get(1)?, calls: row.get::<_, i64>(2)?.unsigned_abs() })
        })?;
        Ok(HoursOfWeek::of(rates.collect::<Result<_, _>>()?))
    }
}

impl Store {
    /// When a client learned its rates last.
    pub fn hours_learned_at(&self, client: &ClientId) -> StoreResult<Option<DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT learned_at FROM hour_rates
             WHERE client_id = (SELECT id FROM clients WHERE name = ?1) AND how = 0",
        )?;
        Ok(statement.query_row([client.as_str()], |row| rows::instant(row, 0)).optional()?)
    }

    /// Writes the rates of a client in place of those before. A client that is not known has none.
    pub fn write_hour_rates(
        &mut self,
        client: &ClientId,
        rates: &HoursOfWeek<HourRate>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let Some(row) = intern::find_client(&self.connection, client)? else { return Ok(()) };
        let transaction = self.write()?;
        let mut statement = transaction.prepare_cached(
            "INSERT INTO hour_rates (client_id, how, mean, variance, calls, learned_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (client_id, how) DO UPDATE SET mean = excluded.mean, variance = excluded.variance,
                 calls = excluded.calls, learned_at = excluded.learned_at",
        )?;
        for (how, rate) in (0_i64..).zip(rates.iter()) {
            let calls = i64::try_from(rate.calls).unwrap_or(i64::MAX);
            statement.execute(params![row, how, rate.mean, rate.variance, calls, now.timestamp_millis()])?;
        }
        drop(statement);
        Ok(transaction.commit()?)
    }

    /// When the `most`-th newest attempt of a client began; none when it has fewer.
    pub fn start_of_newest(&self, client: &ClientId, most: u32) -> StoreResult<Option<DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT started_at FROM attempts INDEXED BY attempts_started
             WHERE client_id = (SELECT id FROM clients WHERE name = ?1) ORDER BY started_at DESC LIMIT 1 OFFSET ?2",
        )?;
        let at = statement.query_row(params![client.as_str(), most.saturating_sub(1)], |row| rows::instant(row, 0));
        Ok(at.optional()?)
    }
}
