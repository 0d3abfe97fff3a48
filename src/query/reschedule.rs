//! Waiting items whose slot is later than the hours of today would give.

use chrono::{DateTime, Utc};

use super::next_call::NextCalls;
use crate::gates::{free_from, look_back, slot_of};
use crate::model::{ClientId, Item};
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// Items that are read at once, so that memory stays flat.
const PAGE: usize = 1_000;

/// A waiting item that can be called sooner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sooner {
    pub item: Item,
    /// The slot that the hours of today give it.
    pub slot: DateTime<Utc>,
}

/// Reads the items that can be called sooner, a few at a time.
pub(crate) struct SoonerItems<'a> {
    policies: &'a PolicyBook,
    client: Option<&'a ClientId>,
    next_calls: NextCalls<'a>,
    past: Option<Item>,
    now: DateTime<Utc>,
}

impl<'a> SoonerItems<'a> {
    /// Those of a client, or of all, by the policies of now.
    pub(crate) fn new(policies: &'a PolicyBook, client: Option<&'a ClientId>, now: DateTime<Utc>) -> SoonerItems<'a> {
        SoonerItems { policies, client, next_calls: NextCalls::new(policies, now), past: None, now }
    }

    /// The next ones; none when there are no more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn next_page(&mut self, store: &Store) -> StoreResult<Option<Vec<Sooner>>> {
        loop {
            let read = store.moved_items(self.client, self.past.as_ref(), PAGE, self.now)?;
            let Some(last) = read.last() else { return Ok(None) };
            self.past = Some(last.clone());
            let mut found = Vec::new();
            for item in read {
                if let Some(slot) = self.sooner(store, &item)? {
                    found.push(Sooner { item, slot });
                }
            }
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
    }

    /// How many there are; when there are more than `most`, some number above it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn count(mut self, store: &Store, most: usize) -> StoreResult<usize> {
        let mut count = 0;
        while count <= most
            && let Some(page) = self.next_page(store)?
        {
            count += page.len();
        }
        Ok(count)
    }

    /// The slot of an item by hours and caps, when it is an earlier one.
    fn sooner(&mut self, store: &Store, item: &Item) -> StoreResult<Option<DateTime<Utc>>> {
        // Nobody is called before the time that was promised.
        if item.promise.is_some() {
            return Ok(None);
        }
        let asked = item.asked_at.unwrap_or(item.scheduled_at).max(self.now);
        let finder = self.next_calls.finder(&item.client, item.priority, &item.place);
        let by_hours = finder.and_then(|finder| finder.next(asked));
        if by_hours.is_none_or(|slot| slot >= item.scheduled_at) {
            return Ok(None);
        }
        let policy = self.policies.of(&item.client);
        let number = store.reader().number_facts(item, look_back(policy, &item.place), self.now)?;
        let slot = slot_of(policy, item, free_from(policy, item, &number, asked));
        Ok(slot.filter(|slot| *slot < item.scheduled_at))
    }
}
