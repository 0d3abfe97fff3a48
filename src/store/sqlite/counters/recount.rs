//! Compares the counters with the items and attempts, for `doctor`.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Priority, Status};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::counters::metrics::{ALL_CLIENTS, Metric};
use crate::store::sqlite::counters::statistics::AttemptDetail;
use crate::store::sqlite::counters::sums::CounterChanges;
use crate::store::sqlite::read::rows;

/// A count that is not what counting gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miscount {
    /// What is counted, in words.
    pub what: String,
    pub real: i64,
    /// What the counter says.
    pub kept: i64,
}

impl Store {
    /// Counts all items and attempts and compares with the counters.
    pub fn miscounts(&self) -> StoreResult<Vec<Miscount>> {
        self.at_one_instant(|store| {
            let mut miscounts = store.miscounted_items()?;
            miscounts.extend(store.miscounted_metrics()?);
            Ok(miscounts)
        })
    }

    fn miscounted_items(&self) -> StoreResult<Vec<Miscount>> {
        let mut statement = self.connection.prepare(
            "SELECT clients.name, status, priority, held, retried, sum(real), sum(kept) FROM (
                 SELECT client_id, status, priority, held, tries > 1 AS retried, count(*) AS real, 0 AS kept
                     FROM items GROUP BY client_id, status, priority, held, tries > 1
                 UNION ALL
                 SELECT client_id, status, priority, held, retried, 0, n FROM item_counts
             ) AS counted JOIN clients ON clients.id = client_id
             GROUP BY client_id, clients.name, status, priority, held, retried HAVING sum(real) <> sum(kept)
             ORDER BY clients.name, status, priority, held, retried",
        )?;
        let miscounts = statement.query_map([], |row| {
            let (client, status): (String, Status) = (row.get(0)?, rows::parsed(row, 1)?);
            let priority = Priority::from_rank(row.get(2)?).unwrap_or(Priority::Low);
            let held = if row.get(3)? { " and held" } else { "" };
            let retried = if row.get(4)? { ", retried," } else { "" };
            let what = format!("{priority} {status}{held} items{retried} of client {client}");
            Ok(Miscount { what, real: row.get(5)?, kept: row.get(6)? })
        })?;
        Ok(miscounts.collect::<Result<_, _>>()?)
    }

    fn miscounted_metrics(&self) -> StoreResult<Vec<Miscount>> {
        let names: HashMap<i64, String> = {
            let mut statement = self.connection.prepare("SELECT id, name FROM clients")?;
            let names = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            names.collect::<Result<_, _>>()?
        };
        let rows_of: HashMap<&str, i64> = names.iter().map(|(row, name)| (name.as_str(), *row)).collect();
        let mut counted = CounterChanges::default();
        self.visit_attempts(None, None, AttemptDetail::Nothing, &mut |attempt| {
            // Every attempt refers to a client, or the check of the references has told so.
            if let Some(row) = rows_of.get(attempt.client.as_str()) {
                counted.add_attempt(*row, &attempt.count());
            }
            Ok(())
        })?;
        let (real, kept) = (counted.into_metrics(), self.stored_metrics()?);
        let mut miscounts: Vec<Miscount> =
            BTreeSet::from_iter(real.keys().chain(kept.keys()).map(|key| (key.0, &key.1)))
                .into_iter()
                .map(|(client, metric)| {
                    let of = match client {
                        ALL_CLIENTS => "all clients".to_owned(),
                        row => format!("client {}", names.get(&row).map_or("?", String::as_str)),
                    };
                    let count = |counts: &HashMap<(i64, Metric), i64>| {
                        counts.get(&(client, metric.clone())).copied().unwrap_or(0)
                    };
                    Miscount { what: format!("{metric} of {of}"), real: count(&real), kept: count(&kept) }
                })
                .collect();
        miscounts.retain(|miscount| miscount.real != miscount.kept);
        Ok(miscounts)
    }

    fn stored_metrics(&self) -> StoreResult<HashMap<(i64, Metric), i64>> {
        let mut statement =
            self.connection.prepare("SELECT client_id, figure, key, n FROM attempt_counts WHERE n > 0")?;
        let mut found = statement.query([])?;
        let mut kept = HashMap::new();
        while let Some(row) = found.next()? {
            if let Some(metric) = Metric::read(row.get(1)?, row.get_ref(2)?) {
                kept.insert((row.get(0)?, metric), row.get(3)?);
            }
        }
        Ok(kept)
    }
}
