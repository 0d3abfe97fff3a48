//! The waiting items in the order in which they would be called.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::next_call::{earliest, slot_of};
use super::zones::lead_zones;
use crate::model::{Item, ItemId, Status};
use crate::scheduler::{Policy, PolicyBook, SlotFinder, Turn};
use crate::store::{Filter, Group, Page, Store, StoreResult};

/// A listing of waiting items, each with the next instant at which it can be called: by that instant, then by the order
/// of a run at that instant; items that can never be called come last. It reads a few items of each group ahead and so
/// keeps its memory, however many items wait.
pub struct CallOrder<'a> {
    store: &'a Store,
    policies: &'a PolicyBook,
    filter: Filter,
    now: DateTime<Utc>,
    streams: Vec<Stream>,
    heads: BinaryHeap<Reverse<(Place, usize)>>,
    after: Option<Place>,
    before: Option<Place>,
}

/// Where an item stands in the listing.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    never: bool,
    at: Option<DateTime<Utc>>,
    turn: Turn,
}

/// The waiting items of one group, or some that are at hand.
struct Stream {
    source: Option<(Group, Option<SlotFinder>)>,
    buffer: VecDeque<(Item, Option<DateTime<Utc>>)>,
    position: Option<(DateTime<Utc>, ItemId)>,
    read_ahead: usize,
    exhausted: bool,
}

/// The most items that are read ahead of one group.
const MOST_READ_AHEAD: usize = 256;

impl<'a> CallOrder<'a> {
    /// The waiting items of a selection.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn new(
        store: &'a Store,
        policies: &'a PolicyBook,
        filter: &Filter,
        now: DateTime<Utc>,
    ) -> StoreResult<CallOrder<'a>> {
        let waiting = filter.only(Status::is_waiting);
        let nothing = waiting.is_none();
        let filter = waiting.unwrap_or_default();
        let (streams, heads) = (Vec::new(), BinaryHeap::new());
        let mut order = CallOrder { store, policies, filter, now, streams, heads, after: None, before: None };
        if nothing {
            return Ok(order);
        }
        if order.filter.lead.is_some() {
            // They are few, and an index finds them.
            let items = store.page(&order.filter, Page::WHOLE)?;
            order.add_items(items)?;
            return Ok(order);
        }
        order.add_items(store.returned_items(&order.filter, usize::MAX)?)?;
        for group in store.groups(order.filter.client.as_ref())? {
            let policy = policies.of(&group.client).clone();
            // A zone of newer zone data is unknown here: such items are never called, but listed.
            let finder = lead_zones(&group.zones).ok().map(|zones| SlotFinder::new(policy, zones, group.priority));
            order.add(Stream {
                source: Some((group, finder)),
                buffer: VecDeque::new(),
                position: None,
                read_ahead: 1,
                exhausted: false,
            })?;
        }
        Ok(order)
    }

    /// Only what comes after an item, which itself need not be part of the selection.
    #[must_use]
    pub fn after(self, item: &Item) -> CallOrder<'a> {
        CallOrder { after: Some(self.place_of(item)), ..self }
    }

    /// Only what comes before an item.
    #[must_use]
    pub fn before(self, item: &Item) -> CallOrder<'a> {
        CallOrder { before: Some(self.place_of(item)), ..self }
    }

    fn place_of(&self, item: &Item) -> Place {
        let policy = self.policies.of(&item.client);
        let from = earliest(item, self.now);
        place(policy, item, slot_of(policy, item, from), self.now)
    }

    /// The next item; none at the end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn next_item(&mut self) -> StoreResult<Option<(Item, Option<DateTime<Utc>>)>> {
        while let Some(Reverse((place, index))) = self.heads.pop() {
            let first = self.streams[index].buffer.pop_front();
            self.offer(index)?;
            if self.before.as_ref().is_some_and(|before| place >= *before) {
                return Ok(None);
            }
            if self.after.as_ref().is_none_or(|after| place > *after) {
                return Ok(first);
            }
        }
        Ok(None)
    }

    /// Adds items that are all at hand, in whatever order.
    fn add_items(&mut self, found: Vec<Item>) -> StoreResult<()> {
        let mut items: Vec<(Place, Item, Option<DateTime<Utc>>)> = Vec::new();
        for item in found {
            let policy = self.policies.of(&item.client);
            let from = earliest(&item, self.now);
            let at = slot_of(policy, &item, from);
            items.push((place(policy, &item, at, self.now), item, at));
        }
        items.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let buffer = items.into_iter().map(|(_, item, at)| (item, at)).collect();
        self.add(Stream { source: None, buffer, position: None, read_ahead: 0, exhausted: true })
    }

    fn add(&mut self, stream: Stream) -> StoreResult<()> {
        self.streams.push(stream);
        self.offer(self.streams.len() - 1)
    }

    /// Puts the head of a stream up for the next place.
    fn offer(&mut self, index: usize) -> StoreResult<()> {
        let stream = &mut self.streams[index];
        if stream.buffer.is_empty() && !stream.exhausted {
            stream.fill(self.store, &self.filter, self.now)?;
        }
        if let Some((item, at)) = stream.buffer.front() {
            let place = place(self.policies.of(&item.client), item, *at, self.now);
            self.heads.push(Reverse((place, index)));
        }
        Ok(())
    }
}

impl Stream {
    fn fill(&mut self, store: &Store, filter: &Filter, now: DateTime<Utc>) -> StoreResult<()> {
        let Some((group, finder)) = &mut self.source else { return Ok(()) };
        let items = store.group_page(group, filter, self.position, self.read_ahead)?;
        self.exhausted = items.len() < self.read_ahead;
        self.position = items.last().map(|item| (item.scheduled_at, item.id)).or(self.position);
        self.read_ahead = (self.read_ahead * 4).min(MOST_READ_AHEAD);
        let placed = items.into_iter().map(|item| {
            let at = finder.as_mut().and_then(|finder| finder.next(item.scheduled_at.max(now)));
            (item, at)
        });
        self.buffer.extend(placed);
        Ok(())
    }
}

fn place(policy: &Arc<Policy>, item: &Item, at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Place {
    let turn = Turn::new(&policy.order, item.priority, item.scheduled_at, item.id, at.unwrap_or(now));
    Place { never: at.is_none(), at, turn }
}
