//! The queue as the claim sees it: groups of (client, priority, place), each with its head, found by seeks only.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{ClientActivity, ClientId, DispatcherFault, LeadPlace, Outcome, Priority, Served};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::intern;
use crate::store::sqlite::queue::pause::standing_pauses;
use crate::store::sqlite::read::filter::Condition;
use crate::store::sqlite::read::item::select_item;
use crate::store::sqlite::read::pager::Pager;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::{OPEN, PROMISED, QUEUED, WAITING};

/// Waiting items that share client, priority and place, and so their windows and rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub client: ClientId,
    /// Of promised items `urgent`, whose hours hold for them.
    pub priority: Priority,
    /// Its items are promised, of whatever priority.
    pub promised: bool,
    /// Where the leads may be.
    pub place: Arc<LeadPlace>,
    /// `scheduled_at` of the first item.
    pub head: DateTime<Utc>,
    pub(crate) client_row: i64,
    pub(crate) place_row: i64,
}

impl Group {
    /// Reads those of its queued items that meet a condition.
    pub(crate) fn pager(&self, mut condition: Condition) -> Pager {
        let (client, place) = (self.client_row.into(), self.place_row.into());
        if self.promised {
            condition.and(PROMISED, []);
            condition.and("client_id = ? AND items.zones = ?", [client, place]);
        } else {
            condition.and(QUEUED, []);
            let row = [client, self.priority.rank().into(), place];
            condition.and("client_id = ? AND priority = ? AND items.zones = ?", row);
        }
        let select = select_item(&format!("INDEXED BY {}", self.index()));
        Pager { select, condition, key: "scheduled_at", descending: false }
    }

    /// The index that has its items in their order.
    pub(crate) fn index(&self) -> &'static str {
        if self.promised { "items_promised" } else { "items_queue" }
    }

    /// Its items as SQL, with client ?1, priority ?2 and place ?3.
    pub(crate) fn items(&self) -> String {
        if self.promised {
            format!("{PROMISED} AND client_id = ?1 AND ?2 IS NOT NULL AND zones = ?3")
        } else {
            format!("{QUEUED} AND client_id = ?1 AND priority = ?2 AND zones = ?3")
        }
    }
}

/// A client as a turn finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientState {
    pub client: ClientId,
    /// What its calls are doing.
    pub activity: ClientActivity,
    pub served: Served,
    pub(crate) client_row: i64,
}

impl ClientState {
    /// The lower, the longer the queue has known it.
    pub fn known_since(&self) -> i64 {
        self.client_row
    }
}

/// One minute in milliseconds: the span of `max_per_minute`.
const MINUTE: i64 = 60_000;

impl Store {
    /// Every group of the queue, of one client or of all, and of some priorities; none means any.
    pub fn groups(&self, client: Option<&ClientId>, priorities: &[Priority]) -> StoreResult<Vec<Group>> {
        self.at_one_instant(|store| groups(&store.connection, client, priorities))
    }

    /// What the gates of a client are decided from; a client that the database does not know has nothing going on. Calls
    /// of the last minute are counted up to `most_a_minute`; 0 is no limit and counts none.
    pub fn client_activity(
        &self,
        client: &ClientId,
        most_a_minute: u32,
        now: DateTime<Utc>,
    ) -> StoreResult<ClientActivity> {
        let row = intern::find_client(&self.connection, client)?.unwrap_or(0);
        client_activity(&self.connection, row, most_a_minute, now)
    }

    /// The first instant after `now` at which another waiting item comes due.
    pub fn next_due(&self, now: DateTime<Utc>) -> StoreResult<Option<DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT scheduled_at FROM items INDEXED BY items_waiting WHERE {WAITING} AND scheduled_at > ?1
             ORDER BY scheduled_at LIMIT 1"
        ))?;
        let scheduled: Option<i64> = statement.query_row([now.timestamp_millis()], |row| row.get(0)).optional()?;
        let scheduled = scheduled.and_then(crate::model::from_millis);
        Ok([scheduled, self.next_released(now)?].into_iter().flatten().min())
    }

    /// The first instant after `now` at which an item that was held back is let go: its attempt was
    /// returned, or its number taken.
    pub fn next_released(&self, now: DateTime<Utc>) -> StoreResult<Option<DateTime<Utc>>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT not_before FROM items WHERE not_before IS NOT NULL AND not_before > ?1 ORDER BY not_before LIMIT 1",
        )?;
        let found: Option<i64> = statement.query_row([now.timestamp_millis()], |row| row.get(0)).optional()?;
        Ok(found.and_then(crate::model::from_millis))
    }

    /// Whether any waiting item is due at `now`, whatever its gates say.
    pub fn anything_due(&self, now: DateTime<Utc>) -> StoreResult<bool> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM items INDEXED BY items_waiting WHERE {WAITING} AND scheduled_at <= ?1)
                 OR EXISTS (SELECT 1 FROM items WHERE {WAITING} AND expires_at IS NOT NULL AND expires_at <= ?1)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([now.timestamp_millis()], |row| row.get(0))?)
    }

    /// Whether an item or a pause names a client.
    pub fn names(&self, client: &ClientId) -> StoreResult<bool> {
        Ok(intern::find_client(&self.connection, client)?.is_some())
    }

    /// Every client that an item or a pause names.
    pub fn clients(&self) -> StoreResult<Vec<ClientId>> {
        let mut statement = self.connection.prepare_cached("SELECT name FROM clients ORDER BY name")?;
        let names = statement.query_map([], |row| rows::parsed(row, 0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}

/// The head of the first group from a position on: client ?1, priority ?2, zones ?3; of that client only, or of all.
///
/// It asks for what is equal or greater, since a strict `>` of row values would seek the group of the position itself and
/// step over each of its items.
fn seek_group(of_one_client: bool) -> String {
    let from = if of_one_client {
        "client_id = ?1 AND (priority, zones) >= (?2, ?3)"
    } else {
        "(client_id, priority, zones) >= (?1, ?2, ?3)"
    };
    format!(
        "SELECT client_id, priority, zones, scheduled_at FROM items INDEXED BY items_queue
         WHERE {QUEUED} AND {from}
         ORDER BY client_id, priority, zones, scheduled_at LIMIT 1"
    )
}

/// The same of promised items: client ?1, zones ?2.
fn seek_promised(of_one_client: bool) -> String {
    let from = if of_one_client { "client_id = ?1 AND zones >= ?2" } else { "(client_id, zones) >= (?1, ?2)" };
    format!(
        "SELECT client_id, zones, scheduled_at FROM items INDEXED BY items_promised
         WHERE {PROMISED} AND {from} ORDER BY client_id, zones, scheduled_at LIMIT 1"
    )
}

/// Every group, those of one client side by side. Groups of promised items have items of any priority.
pub(crate) fn groups(
    connection: &Connection,
    client: Option<&ClientId>,
    priorities: &[Priority],
) -> StoreResult<Vec<Group>> {
    let only = match client {
        None => None,
        Some(client) => match intern::find_client(connection, client)? {
            None => return Ok(Vec::new()),
            found => found,
        },
    };
    let mut found = queue_groups(connection, only, priorities)?;
    let promised = promised_groups(connection, only)?;
    if !promised.is_empty() {
        found.splice(0..0, promised);
        found.sort_by_key(|group| group.client_row);
    }
    Ok(found)
}

/// The groups of promised items: one seek for each, and one more.
fn promised_groups(connection: &Connection, only: Option<i64>) -> StoreResult<Vec<Group>> {
    let mut next = connection.prepare_cached(&seek_promised(only.is_some()))?;
    let mut found = Vec::new();
    let mut position = (only.unwrap_or(0), 0_i64);
    loop {
        let head =
            next.query_row([position.0, position.1], |row| Ok((row.get(0)?, row.get(1)?, rows::instant(row, 2)?)));
        let Some((client_row, place_row, head)) = head.optional()? else { return Ok(found) };
        position = (client_row, place_row + 1);
        found.push(Group {
            client: intern::client_of_row(connection, client_row)?,
            priority: Priority::Urgent,
            promised: true,
            place: intern::place_of_row(connection, place_row)?,
            head,
            client_row,
            place_row,
        });
    }
}

/// Enumerates the groups by a loose index scan: one seek for each, none for what lies between, and one for those of other
/// priorities in a row.
fn queue_groups(connection: &Connection, only: Option<i64>, priorities: &[Priority]) -> StoreResult<Vec<Group>> {
    let mut next = connection.prepare_cached(&seek_group(only.is_some()))?;
    let mut found: Vec<Group> = Vec::new();
    // Many groups share few places, and the groups of a client follow one another.
    let mut known_places: HashMap<i64, Arc<LeadPlace>> = HashMap::new();
    let mut ranks: Vec<i64> = priorities.iter().map(|priority| priority.rank().into()).collect();
    ranks.sort_unstable();
    let first_rank = ranks.first().copied().unwrap_or(0);
    let mut position = (only.unwrap_or(0), first_rank, 0_i64);
    loop {
        let head = next
            .query_row(params![position.0, position.1, position.2], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, rows::instant(row, 3)?))
            })
            .optional()?;
        let Some((client_row, rank, place_row, head)) = head else { return Ok(found) };
        if !ranks.is_empty() && !ranks.contains(&rank) {
            position = match ranks.iter().find(|wanted| **wanted > rank) {
                Some(wanted) => (client_row, *wanted, 0),
                None if only.is_some() => return Ok(found),
                None => (client_row + 1, first_rank, 0),
            };
            continue;
        }
        position = (client_row, rank, place_row + 1);
        let place = match known_places.get(&place_row) {
            Some(known) => known.clone(),
            None => known_places.entry(place_row).or_insert(intern::place_of_row(connection, place_row)?).clone(),
        };
        let client = match found.last().filter(|last| last.client_row == client_row) {
            Some(last) => last.client.clone(),
            None => intern::client_of_row(connection, client_row)?,
        };
        found.push(Group {
            client,
            priority: Priority::from_rank(rank).unwrap_or(Priority::Low),
            promised: false,
            place,
            head,
            client_row,
            place_row,
        });
    }
}

/// Reads what the gates of a client are decided from.
pub(crate) fn client_activity(
    connection: &Connection,
    client_row: i64,
    most_a_minute: u32,
    now: DateTime<Utc>,
) -> StoreResult<ClientActivity> {
    let mut open = connection.prepare_cached(&format!(
        "SELECT count(*) FROM attempts INDEXED BY attempts_open_client WHERE client_id = ?1 AND {OPEN}"
    ))?;
    let mut started = connection.prepare_cached(
        "SELECT count(*), min(started_at) FROM
             (SELECT started_at FROM attempts INDEXED BY attempts_started
              WHERE client_id = ?1 AND started_at > ?2 ORDER BY started_at DESC LIMIT ?3) AS started",
    )?;
    let mut last = connection.prepare_cached(
        "SELECT outcome, reason, finished_at FROM attempts INDEXED BY attempts_started WHERE client_id = ?1 AND outcome IS NOT NULL
         ORDER BY started_at DESC, id DESC LIMIT 1",
    )?;
    let since = now.timestamp_millis() - MINUTE;
    let (started_last_minute, oldest): (u32, Option<i64>) =
        started.query_row(params![client_row, since, most_a_minute], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(ClientActivity {
        open_attempts: open.query_row([client_row], |row| row.get(0))?,
        started_last_minute,
        oldest_start: oldest.and_then(crate::model::from_millis),
        last_fault: last.query_row([client_row], dispatcher_fault).optional()?.flatten(),
        pauses: standing_pauses(connection, client_row, now)?,
    })
}

/// The fault of an attempt, read from its `outcome`, `reason` and `finished_at`.
fn dispatcher_fault(row: &Row<'_>) -> rusqlite::Result<Option<DispatcherFault>> {
    Ok(match rows::parsed(row, 0)? {
        Outcome::Unavailable => Some(DispatcherFault { at: rows::instant(row, 2)?, reason: row.get(1)? }),
        _ => None,
    })
}

/// A client as a turn finds it.
pub(crate) fn client_state(
    connection: &Connection,
    client: &ClientId,
    client_row: i64,
    most_a_minute: u32,
    now: DateTime<Utc>,
) -> StoreResult<ClientState> {
    Ok(ClientState {
        client: client.clone(),
        activity: client_activity(connection, client_row, most_a_minute, now)?,
        served: served(connection, client_row)?,
        client_row,
    })
}

fn served(connection: &Connection, client_row: i64) -> StoreResult<Served> {
    let mut served = connection.prepare_cached("SELECT last_turn, finish_tag FROM clients WHERE id = ?1")?;
    let found = served.query_row([client_row], |row| {
        Ok(Served { last_turn: row.get("last_turn")?, finish_tag: row.get("finish_tag")? })
    });
    Ok(found.optional()?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::Access;

    /// Queues `count` items in each of the groups of two clients, two priorities and one place.
    fn queue(count: i64) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
        let fill = format!(
            "INSERT INTO clients (id, name) VALUES (1, 'acme'), (2, 'zenith');
             WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count} * 4)
             INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, max_retries,
                 created_at, created_by, updated_at)
             SELECT 1 + n % 2, 'lead' || n, 1 + n / 2 % 2, 'pending', 0, 1000 + n % 3, 0, 3, 0, 'ops', 0 FROM number;"
        );
        store.connection.execute_batch(&fill).unwrap();
        (folder, store)
    }

    #[test]
    fn a_seek_costs_the_same_however_many_items_wait() {
        for of_one_client in [false, true] {
            let steps = [10, 2_000].map(|count| {
                let (_folder, store) = queue(count);
                let mut statement = store.connection.prepare(&seek_group(of_one_client)).unwrap();
                let found: (i64, i64) =
                    statement.query_row(params![1, 1, 1], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
                assert_eq!(found, (1, 2), "the group after that of client 1, priority 1, zones 0");
                statement.get_status(StatementStatus::VmStep)
            });
            assert_eq!(steps[0], steps[1]);
        }
    }

    #[test]
    fn every_group_is_found_once_with_its_first_item() {
        let (_folder, store) = queue(5);
        let acme: ClientId = "acme".parse().unwrap();
        let seen = |client: Option<&ClientId>, priorities: &[Priority]| -> Vec<(String, Priority, i64)> {
            let groups = store.groups(client, priorities).unwrap().into_iter();
            groups.map(|group| (group.client.to_string(), group.priority, group.head.timestamp_millis())).collect()
        };
        let of = |clients: &[&str], priorities: &[Priority]| -> Vec<(String, Priority, i64)> {
            let each =
                |client: &&str| priorities.iter().map(|priority| ((*client).to_owned(), *priority, 1_000)).collect();
            clients.iter().flat_map(|client| -> Vec<_> { each(client) }).collect()
        };
        let (both, clients) = ([Priority::High, Priority::Normal], ["acme", "zenith"]);
        assert_eq!(seen(None, &[]), of(&clients, &both));
        assert_eq!(seen(None, &Priority::ALL), of(&clients, &both));
        assert_eq!(seen(None, &[Priority::Normal, Priority::Urgent]), of(&clients, &both[1..]));
        assert_eq!(seen(None, &[Priority::Low, Priority::High]), of(&clients, &both[..1]));
        assert_eq!(seen(None, &[Priority::Urgent, Priority::Low]), []);
        assert_eq!(seen(Some(&acme), &[]), of(&["acme"], &both));
        assert_eq!(seen(Some(&acme), &both[..1]), of(&["acme"], &both[..1]));
        assert_eq!(seen(Some(&acme), &[Priority::Urgent]), []);
        assert_eq!(seen(Some(&"nobody".parse().unwrap()), &[]), []);
    }
}
