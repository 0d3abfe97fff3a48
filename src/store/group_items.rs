//! The items of the groups of a selection: one statement serves for every group, and again for what comes later of it.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;

use super::Store;
use super::error::StoreResult;
use super::filter::Filter;
use super::item_row::{self, ItemRow};
use super::queue::Group;
use super::schema::QUEUED;
use crate::model::ItemId;

/// Reads the waiting items of groups that no returned attempt holds back, by `scheduled_at` and id. The selection is not
/// asked for client and priority, which are those of the group.
pub struct GroupItems<'a> {
    store: &'a Store,
    /// From an instant on.
    from: String,
    /// Of one instant, after an item.
    same: String,
    /// The parameters of the selection.
    selected: Vec<Value>,
}

/// The last item that was read of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRead {
    scheduled_at: DateTime<Utc>,
    id: ItemId,
    /// So many were read that are scheduled at the same instant.
    alike: usize,
}

/// So many items that were read already are passed over again. Of more that are scheduled at one instant, as an import
/// makes them, another statement seeks the place.
const PASSED_OVER: usize = 16;

impl LastRead {
    /// The last one, when `rows` were read after `before`.
    pub fn of(rows: &[ItemRow], before: Option<LastRead>) -> Option<LastRead> {
        let Some(last) = rows.last() else { return before };
        let alike = rows.iter().rev().take_while(|row| row.scheduled_at == last.scheduled_at).count();
        let earlier = before.filter(|before| alike == rows.len() && before.scheduled_at == last.scheduled_at);
        let alike = alike + earlier.map_or(0, |before| before.alike);
        Some(LastRead { scheduled_at: last.scheduled_at, id: last.id, alike })
    }
}

impl<'a> GroupItems<'a> {
    /// Those of a selection.
    pub fn new(store: &'a Store, filter: &Filter) -> GroupItems<'a> {
        let mut condition = filter.within_group().condition();
        condition.and(QUEUED, []);
        condition.and("client_id = ? AND priority = ? AND zones = ?", []);
        let (select, condition, selected) = (item_row::select_item_of_group(), condition.sql(), condition.values);
        let text = |place: &str| format!("{select} WHERE {condition} AND {place} ORDER BY scheduled_at, items.id");
        let (from, same) = (text("scheduled_at >= ?"), text("scheduled_at = ? AND items.id > ?"));
        GroupItems { store, from, same, selected }
    }

    /// At most so many items of a group, after the last one that was read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn read(&self, group: &Group, last: Option<LastRead>, limit: usize) -> StoreResult<Vec<ItemRow>> {
        let Some(last) = last else { return self.from(group, i64::MIN, None, limit) };
        let at = last.scheduled_at.timestamp_millis();
        if last.alike <= PASSED_OVER {
            return self.from(group, at, Some(last), limit);
        }
        let place = self.parameters(group, &[at, last.id.row()]);
        let mut rows = self.store.item_rows(&self.same, place, None, limit)?;
        if rows.len() < limit {
            rows.extend(self.from(group, at.saturating_add(1), None, limit - rows.len())?);
        }
        Ok(rows)
    }

    fn from(&self, group: &Group, at: i64, last: Option<LastRead>, limit: usize) -> StoreResult<Vec<ItemRow>> {
        let past = last.map(|last| (last.scheduled_at, last.id));
        self.store.item_rows(&self.from, self.parameters(group, &[at]), past, limit)
    }

    /// The names of client and zones, which stand among the columns, then the rest in the order of the text.
    fn parameters(&self, group: &Group, place: &[i64]) -> Vec<Value> {
        let names = [group.client.as_str().to_owned().into(), group.zone_names.clone().into()];
        let group = [group.client_row, group.priority.rank().into(), group.zones_row];
        let rest = group.iter().chain(place).map(|number| Value::from(*number));
        names.into_iter().chain(self.selected.iter().cloned()).chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{StatementStatus, params_from_iter};

    use super::*;
    use crate::store::Access;

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

    #[test]
    fn items_of_one_instant_are_read_once_however_many_there_are() {
        for alike in [1, 2, 15, 16, 17, 18, 100] {
            let (_folder, store) = queue(alike);
            let [group] = <[Group; 1]>::try_from(store.groups(None, &[]).unwrap()).unwrap();
            for limit in [1, 2, 3, 16, 17, 50] {
                let items = GroupItems::new(&store, &Filter::default());
                let (mut read, mut last) = (Vec::new(), None);
                loop {
                    let rows = items.read(&group, last, limit).unwrap();
                    last = LastRead::of(&rows, last);
                    read.extend(rows.iter().map(|row| row.id.row()));
                    if rows.len() < limit {
                        break;
                    }
                }
                assert!(read.iter().copied().eq(1..=alike + 10), "{alike} alike, {limit} at once: {read:?}");
            }
        }
    }

    #[test]
    fn the_next_of_many_of_one_instant_is_sought() {
        let steps = [100, 2_000].map(|alike| {
            let (_folder, store) = queue(alike);
            let [group] = <[Group; 1]>::try_from(store.groups(None, &[]).unwrap()).unwrap();
            let items = GroupItems::new(&store, &Filter::default());
            let rows = items.read(&group, None, 95).unwrap();
            let last = LastRead::of(&rows, None).unwrap();
            assert_eq!(last.alike, 90);
            assert!(last.alike > PASSED_OVER);
            let mut statement = store.connection.prepare(&items.same).unwrap();
            let place = items.parameters(&group, &[last.scheduled_at.timestamp_millis(), last.id.row()]);
            let mut found = statement.query(params_from_iter(place)).unwrap();
            assert_eq!(found.next().unwrap().unwrap().get::<_, i64>(0).unwrap(), 96);
            drop(found);
            statement.get_status(StatementStatus::VmStep)
        });
        assert_eq!(steps[0], steps[1]);
    }
}
