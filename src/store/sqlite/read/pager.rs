//! The one pager: rows of items by a key and their id, page by page, never by offset and never in one long transaction.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::model::ItemId;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::filter::Condition;

/// The key of an order by id alone.
pub(crate) const ID: &str = "items.id";

/// A selection in its order.
#[derive(Debug, Clone)]
pub(crate) struct Pager {
    /// `SELECT … FROM items …`.
    pub(crate) select: String,
    pub(crate) condition: Condition,
    /// The column that it is sorted by; ties go by id.
    pub(crate) key: &'static str,
    pub(crate) descending: bool,
}

impl Pager {
    /// Up to `limit` rows after a position, the key and the id of a row. Seeks what shares the position's key first: with a
    /// comparison of (key, id) SQLite would walk through all that shares the key from its beginning, on each page.
    pub(crate) fn read<T>(
        &self,
        connection: &Connection,
        after: Option<(i64, ItemId)>,
        limit: usize,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Vec<T>> {
        let beyond = if self.descending { "<" } else { ">" };
        let Some((key, id)) = after else { return self.part(connection, "", &[], limit, &read) };
        let after_id = format!("AND items.id {beyond} ?");
        if self.key == ID {
            return self.part(connection, &after_id, &[id.row()], limit, &read);
        }
        let same_key = format!("AND {} = ? {after_id}", self.key);
        let mut rows = self.part(connection, &same_key, &[key, id.row()], limit, &read)?;
        if rows.len() < limit {
            let after_key = format!("AND {} {beyond} ?", self.key);
            rows.extend(self.part(connection, &after_key, &[key], limit - rows.len(), &read)?);
        }
        Ok(rows)
    }

    fn part<T>(
        &self,
        connection: &Connection,
        place: &str,
        position: &[i64],
        limit: usize,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Vec<T>> {
        let mut statement = connection.prepare_cached(&self.sql(place, limit))?;
        let values = self.condition.values.iter().cloned().chain(position.iter().map(|value| Value::from(*value)));
        let rows = statement.query_map(params_from_iter(values), read)?;
        Ok(rows.take(limit).collect::<Result<_, _>>()?)
    }

    /// The text of a part. Where an index is named the planner has no choice, and a cursor that stops at the limit lets one
    /// statement serve every limit; elsewhere the planner has to know the limit.
    fn sql(&self, place: &str, limit: usize) -> String {
        let Pager { select, condition, key, descending } = self;
        let direction = if *descending { "DESC" } else { "ASC" };
        let limit = match select.contains("INDEXED BY") {
            true => String::new(),
            false => format!(" LIMIT {}", i64::try_from(limit).unwrap_or(i64::MAX)),
        };
        format!("{select} WHERE {} {place} ORDER BY {key} {direction}, items.id {direction}{limit}", condition.sql())
    }
}

#[cfg(test)]
mod tests {
    use crate::store::{Access, Filter, Group, GroupItems, ItemRow, LastRead, Page, SortKey, Store};

    /// A queue of one group: `alike` items of one instant, between 5 and 5 of instants of their own.
    fn queue(alike: i64) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("queue.db"), Access::Create).unwrap();
        let fill = format!(
            "INSERT INTO clients (id, name) VALUES (1, 'acme');
             WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {alike} + 10)
             INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, max_retries,
                 created_at, created_by, updated_at)
             SELECT 1, 'lead' || n, 1, 'pending', 0, min(n, 6) + max(n - {alike} - 5, 0), 0, 3, 0, 'ops', 0 FROM number;"
        );
        store.connection.execute_batch(&fill).unwrap();
        (folder, store)
    }

    /// Reads everything page by page, each after the last row of the one before.
    fn all(limit: usize, page: impl Fn(Option<LastRead>) -> Vec<ItemRow>) -> Vec<i64> {
        let (mut read, mut last) = (Vec::new(), None);
        loop {
            let rows = page(last);
            last = LastRead::of(&rows, last);
            read.extend(rows.iter().map(|row| row.id.row()));
            if rows.len() < limit {
                return read;
            }
        }
    }

    #[test]
    fn items_of_one_instant_are_read_once_however_many_there_are() {
        for alike in [1, 2, 17, 100] {
            let (_folder, store) = queue(alike);
            let [group] = <[Group; 1]>::try_from(store.groups(None, &[]).unwrap()).unwrap();
            let items = GroupItems::new(&store, &Filter::default());
            for limit in [1, 2, 3, 17, 50] {
                let read = all(limit, |last| items.read(&group, last, limit).unwrap());
                assert!(read.iter().copied().eq(1..=alike + 10), "{alike} alike, {limit} at once: {read:?}");
                for sort in [SortKey::Scheduled, SortKey::Id] {
                    let page = |last: Option<LastRead>| {
                        let after = last.map(|last| last.id);
                        store.page_rows(&Filter::default(), Page { sort, reverse: true, after, limit }).unwrap()
                    };
                    let read = all(limit, page);
                    assert!(read.iter().copied().eq((1..=alike + 10).rev()), "{sort:?}, {limit} at once: {read:?}");
                }
            }
        }
    }

    #[test]
    fn a_page_costs_the_same_however_many_items_share_its_first_instant() {
        let steps = [100, 2_000].map(|alike| {
            let (_folder, mut store) = queue(alike);
            let [group] = <[Group; 1]>::try_from(store.groups(None, &[]).unwrap()).unwrap();
            let last = {
                let items = GroupItems::new(&store, &Filter::default());
                let rows = items.read(&group, None, 5 + usize::try_from(alike).unwrap() / 2).unwrap();
                LastRead::of(&rows, None).unwrap()
            };
            let page = |store: &mut Store| {
                GroupItems::new(store, &Filter::default()).read(&group, Some(last), 3).unwrap().len()
            };
            assert_eq!(page(&mut store), 3, "the statement is prepared");
            store.count_steps(page).0
        });
        assert_eq!(steps[0], steps[1]);
    }
}
