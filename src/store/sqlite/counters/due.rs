//! How many items are due: a two-ended galloping count. The counters know the sum of the due and the later items of a client
//! and a priority, so only the fewer ones are counted.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::model::{ClientId, LeadPlace, Priority};
use crate::store::Group;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::counters::statistics::QueueFacts;
use crate::store::sqlite::intern;
use crate::store::sqlite::queue::groups;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::{PROMISED, WAITING};

/// The items that are due: they wait, their time has come, a returned attempt does not hold them back, and they have not
/// expired.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DueCounts {
    /// Those whose window is open.
    pub open: u64,
    /// Those whose window is closed.
    pub closed: u64,
    /// Since when the first of them is due.
    pub oldest: Option<DateTime<Utc>>,
}

/// The due items of one client, by a verdict on their groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueByVerdict<V> {
    pub counts: BTreeMap<V, u64>,
    /// Since when the first of them is due.
    pub oldest: Option<DateTime<Utc>>,
}

impl<V> Default for DueByVerdict<V> {
    fn default() -> DueByVerdict<V> {
        DueByVerdict { counts: BTreeMap::new(), oldest: None }
    }
}

impl<V: Ord> DueByVerdict<V> {
    fn add(&mut self, verdict: V, count: u64) {
        *self.counts.entry(verdict).or_default() += count;
    }

    fn note_oldest(&mut self, candidate: Option<DateTime<Utc>>) {
        self.oldest = [self.oldest, candidate].into_iter().flatten().min();
    }
}

/// Client, priority and place of a group, as rows; −1 is the priority of promised items.
type GroupRow = (i64, i64, i64);

/// Judges the items of a client with this place and priority.
type Judge<'a, V> = dyn FnMut(&ClientId, &LeadPlace, Priority) -> V + 'a;

/// Which items of a group are meant.
#[derive(Clone, Copy)]
enum Side {
    Due,
    Later,
}

/// How many items are counted before the other side is tried; then more, by this factor.
const FIRST_STEP: u64 = 100;
const NEXT_STEP: u64 = 4;

impl Store {
    /// The items of a client, or of all, that are due at `now`; `counts` are those of the same client or of all.
    pub fn due_counts(
        &self,
        client: Option<&ClientId>,
        counts: &QueueFacts,
        now: DateTime<Utc>,
        is_open: &mut Judge<'_, bool>,
    ) -> StoreResult<DueCounts> {
        let mut sum = DueCounts::default();
        for due in self.due_by_client(client, counts, now, is_open)?.into_values() {
            sum.open += due.counts.get(&true).copied().unwrap_or(0);
            sum.closed += due.counts.get(&false).copied().unwrap_or(0);
            sum.oldest = [sum.oldest, due.oldest].into_iter().flatten().min();
        }
        Ok(sum)
    }

    /// The same by client and by what `judge` says of their groups.
    pub fn due_by_client<V: Copy + Ord>(
        &self,
        client: Option<&ClientId>,
        counts: &QueueFacts,
        now: DateTime<Utc>,
        judge: &mut Judge<'_, V>,
    ) -> StoreResult<BTreeMap<ClientId, DueByVerdict<V>>> {
        let mut by_client: BTreeMap<ClientId, DueByVerdict<V>> = BTreeMap::new();
        let mut expired = self.expired_by_group(now)?;
        let queued = self.queued_items(counts)?;
        let groups = groups::groups(&self.connection, client, &[])?;
        let class_of = |group: &Group| (group.client_row, group.promised, group.priority);
        for class in groups.chunk_by(|a, b| class_of(a) == class_of(b)) {
            let due_groups: Vec<(&Group, V)> = class
                .iter()
                .filter(|group| group.head <= now)
                .map(|group| (group, judge(&group.client, &group.place, group.priority)))
                .collect();
            let Some((first, verdict)) = due_groups.first() else { continue };
            let due = by_client.entry(first.client.clone()).or_default();
            if !first.promised && due_groups.iter().all(|(_, other)| other == verdict) {
                let all = queued.get(&(first.client.clone(), first.priority)).copied().unwrap_or(0);
                due.add(*verdict, self.due_in_class(class, all, now, FIRST_STEP)?);
            } else {
                for (group, verdict) in &due_groups {
                    due.add(*verdict, self.count_in_group(group, Side::Due, now, u64::MAX)?);
                }
            }
            for (group, verdict) in due_groups {
                let gone = expired.remove(&group_row(group)).unwrap_or(0);
                let side = due.counts.entry(verdict).or_default();
                *side = side.saturating_sub(gone);
                due.note_oldest(if gone == 0 { Some(group.head) } else { self.oldest_in_group(group, now)? });
            }
        }
        self.add_released(client, now, &mut by_client, judge)?;
        Ok(by_client)
    }

    /// How many of the queued items of a client and a priority have come due, when `all` are queued. Counts the due and the
    /// later ones in turn, in steps that grow from `step`, until one count ends: the cost depends on the fewer.
    fn due_in_class(&self, class: &[Group], all: u64, now: DateTime<Utc>, mut step: u64) -> StoreResult<u64> {
        loop {
            let due = self.count_in_class(class, Side::Due, now, step)?;
            if due < step {
                return Ok(due);
            }
            let later = self.count_in_class(class, Side::Later, now, step)?;
            if later < step {
                return Ok(all.saturating_sub(later));
            }
            step = step.saturating_mul(NEXT_STEP);
        }
    }

    /// Counts one side of several groups, but at most to `limit`.
    fn count_in_class(&self, class: &[Group], side: Side, now: DateTime<Utc>, limit: u64) -> StoreResult<u64> {
        let mut count = 0;
        for group in class {
            if count >= limit {
                break;
            }
            count += self.count_in_group(group, side, now, limit - count)?;
        }
        Ok(count)
    }

    /// Counts one side of a group, expired items included, but at most to `limit`.
    fn count_in_group(&self, group: &Group, side: Side, now: DateTime<Utc>, limit: u64) -> StoreResult<u64> {
        let now = now.timestamp_millis();
        let (from, to) = match side {
            Side::Due => (i64::MIN, now),
            Side::Later => (now.saturating_add(1), i64::MAX),
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM items INDEXED BY {} WHERE {}
             AND scheduled_at BETWEEN ?4 AND ?5 LIMIT ?6) AS counted",
            group.index(),
            group.items()
        ))?;
        let (client, rank, place) = group_row(group);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let count: i64 = statement.query_row(params![client, rank, place, from, to, limit], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How many items are queued by client and priority: those that wait, without those that are held back or promised.
    fn queued_items(&self, counts: &QueueFacts) -> StoreResult<HashMap<(ClientId, Priority), u64>> {
        let mut queued: HashMap<(ClientId, Priority), u64> = HashMap::new();
        for ((client, status, priority), count) in &counts.counts {
            if status.is_waiting() {
                *queued.entry((client.clone(), *priority)).or_default() += count;
            }
        }
        let elsewhere = ["items_returned WHERE not_before IS NOT NULL", &format!("items_promised WHERE {PROMISED}")];
        for items in elsewhere {
            let mut statement = self.connection.prepare_cached(&format!(
                "SELECT (SELECT name FROM clients WHERE clients.id = client_id), priority, count(*)
                 FROM items INDEXED BY {items} GROUP BY client_id, priority"
            ))?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let priority = Priority::from_rank(row.get(1)?).unwrap_or(Priority::Low);
                if let Some(count) = queued.get_mut(&(rows::parsed(row, 0)?, priority)) {
                    *count = count.saturating_sub(row.get::<_, i64>(2)?.unsigned_abs());
                }
            }
        }
        Ok(queued)
    }

    /// Since when the first item of a group is due that has not expired.
    fn oldest_in_group(&self, group: &Group, now: DateTime<Utc>) -> StoreResult<Option<DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT scheduled_at FROM items INDEXED BY {} WHERE {} AND scheduled_at <= ?4
                 AND (expires_at IS NULL OR expires_at > ?4)
             ORDER BY scheduled_at LIMIT 1",
            group.index(),
            group.items()
        ))?;
        let (client, rank, place) = group_row(group);
        let mut found = statement.query(params![client, rank, place, now.timestamp_millis()])?;
        Ok(found.next()?.map(|row| rows::instant(row, 0)).transpose()?)
    }

    /// Queued items that have come due but expired, by group: no run has given them up yet.
    fn expired_by_group(&self, now: DateTime<Utc>) -> StoreResult<HashMap<GroupRow, u64>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT client_id, CASE WHEN callback_until IS NULL THEN priority ELSE -1 END, zones
             FROM items INDEXED BY items_expiring
             WHERE {WAITING} AND expires_at IS NOT NULL AND expires_at <= ?1
                 AND not_before IS NULL AND scheduled_at <= ?1"
        ))?;
        let mut found = statement.query([now.timestamp_millis()])?;
        let mut expired: HashMap<GroupRow, u64> = HashMap::new();
        while let Some(row) = found.next()? {
            *expired.entry((row.get(0)?, row.get(1)?, row.get(2)?)).or_default() += 1;
        }
        Ok(expired)
    }

    /// Adds the due items that a returned attempt held back until before now: no run has put them into the queue yet.
    fn add_released<V: Copy + Ord>(
        &self,
        client: Option<&ClientId>,
        now: DateTime<Utc>,
        by_client: &mut BTreeMap<ClientId, DueByVerdict<V>>,
        judge: &mut Judge<'_, V>,
    ) -> StoreResult<()> {
        let only = intern::only_client(&self.connection, client)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT name FROM clients WHERE clients.id = client_id),
                 CASE WHEN callback_until IS NULL THEN priority ELSE 0 END AS hours,
                 zones, count(*), min(scheduled_at)
             FROM items INDEXED BY items_returned
             WHERE not_before IS NOT NULL AND not_before <= ?1 AND scheduled_at <= ?1
                 AND (expires_at IS NULL OR expires_at > ?1) AND (?2 IS NULL OR client_id = ?2)
             GROUP BY client_id, hours, zones",
        )?;
        let mut found = statement.query(params![now.timestamp_millis(), only])?;
        while let Some(row) = found.next()? {
            let client: ClientId = rows::parsed(row, 0)?;
            let priority = Priority::from_rank(row.get(1)?).unwrap_or(Priority::Low);
            let place = intern::place_of_row(&self.connection, row.get(2)?)?;
            let verdict = judge(&client, &place, priority);
            let due = by_client.entry(client).or_default();
            due.add(verdict, row.get::<_, i64>(3)?.unsigned_abs());
            due.note_oldest(Some(rows::instant(row, 4)?));
        }
        Ok(())
    }
}

fn group_row(group: &Group) -> GroupRow {
    let rank = if group.promised { -1 } else { i64::from(group.priority.rank()) };
    (group.client_row, rank, group.place_row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Access;

    #[test]
    fn both_ends_give_the_same_count() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
        let fill = "INSERT INTO clients (id, name) VALUES (1, 'acme');
             WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 30)
             INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, max_retries,
                 created_at, created_by, updated_at)
             SELECT 1, 'lead' || n, 1, 'pending', 0, n, 0, 3, 0, 'ops', 0 FROM number;";
        store.connection.execute_batch(fill).unwrap();
        let groups = store.groups(None, &[]).unwrap();
        for due in [0, 1, 2, 15, 28, 29, 30] {
            for step in [1, 2, 3, 100] {
                let now = crate::model::from_millis(due).unwrap();
                let counted = store.due_in_class(&groups, 30, now, step).unwrap();
                assert_eq!(counted, due.unsigned_abs(), "in steps from {step}");
            }
        }
    }
}
