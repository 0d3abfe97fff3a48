//! The waiting items of one client, those alike taken together.

use std::collections::HashMap;

use super::caps::{NO_PAST, Past, free_from};
use crate::model::{CapLimit, LeadPlace, Priority, Reached, split_mix};

/// Items that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Batch {
    /// When they may be called first, in milliseconds as all times.
    pub(super) due: i64,
    /// `i64::MAX` for never.
    pub(super) expires: i64,
    /// The id of the first: the tie-breaker of the order.
    pub(super) id: i64,
    /// What their draws go by.
    pub(super) key: u64,
    /// When their last call ended.
    pub(super) last_end: i64,
    pub(super) count: u32,
    /// Their last call that counts for caps.
    pub(super) past: u32,
    pub(super) tries: u16,
    pub(super) max_retries: u16,
    /// How many batches from this one on stand at the same place: their items are mixed.
    pub(super) equals: u16,
}

impl Batch {
    /// Their place among the batches of their group.
    pub(super) fn place(&self) -> (i64, i64) {
        (self.due, self.id)
    }
}

/// Items of one priority at one place: what the claim calls a group.
#[derive(Debug, Clone)]
pub(super) struct BatchGroup {
    pub(super) priority: Priority,
    pub(super) place: LeadPlace,
    /// Their next calls are promised: they come first, in the hours of urgent ones.
    pub(super) promised: bool,
    /// The group in which they are called again.
    pub(super) retries_to: usize,
    /// The caps on calls to their numbers.
    pub(super) caps: Vec<CapLimit>,
    /// Where its batches stand, in the order of their due times.
    pub(super) batches: std::ops::Range<usize>,
}

impl BatchGroup {
    /// The priority whose hours hold.
    pub(super) fn hours(&self) -> Priority {
        if self.promised { Priority::Urgent } else { self.priority }
    }
}

/// All of a client.
#[derive(Debug, Clone, Default)]
pub(super) struct Backlog {
    pub(super) groups: Vec<BatchGroup>,
    pub(super) batches: Vec<Batch>,
    pub(super) pasts: Vec<Past>,
    pub(super) items: u64,
}

/// An item as it is read.
#[derive(Debug, Clone, Default)]
pub(super) struct WaitingItem {
    pub(super) id: i64,
    pub(super) due: i64,
    pub(super) expires: Option<i64>,
    pub(super) tries: u32,
    pub(super) max_retries: u32,
    /// When it was changed last: where it was called, that is when the call ended.
    pub(super) changed_at: i64,
    /// Its calls that may count for a cap, oldest first.
    pub(super) calls: Vec<(i64, Option<Reached>)>,
}

/// How fine times are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grain {
    /// Every item for itself.
    pub(super) is_exact: bool,
    pub(super) now: i64,
    /// The ids of the waiting items lie in here.
    pub(super) ids: (i64, i64),
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Parts of the range of ids: sorted imports stay in order within one due time.
const ID_PARTS: i64 = 64;

impl Grain {
    /// A due time: to the minute before when it is past, to a quarter of a minute after when it is to come.
    fn due(&self, due: i64) -> i64 {
        match due {
            due if self.is_exact => due,
            due if due <= self.now => due - due.rem_euclid(MINUTE),
            due => up(due, 15 * SECOND),
        }
    }

    fn expires(&self, expires: Option<i64>) -> i64 {
        expires.map_or(i64::MAX, |at| if self.is_exact { at } else { at - at.rem_euclid(5 * MINUTE) })
    }

    fn part(&self, id: i64) -> i64 {
        let (first, last) = self.ids;
        if self.is_exact { id } else { (id - first).saturating_mul(ID_PARTS) / (last - first + 1).max(1) }
    }

    /// The end of the last call matters only for some hours.
    fn last_end(&self, item: &WaitingItem) -> i64 {
        match item.tries {
            0 => 0,
            _ if self.is_exact => item.changed_at,
            _ if self.now - item.changed_at > 3 * HOUR => 0,
            _ => up(item.changed_at, 15 * MINUTE),
        }
    }

    fn call(&self, at: i64) -> i64 {
        if self.is_exact { at } else { up(at, HOUR) }
    }
}

fn up(at: i64, step: i64) -> i64 {
    at + (-at).rem_euclid(step)
}

/// What items of one batch have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Alike {
    group: u32,
    due: i64,
    part: i64,
    expires: i64,
    last_end: i64,
    past: u32,
    tries: u16,
    max_retries: u16,
}

/// Takes alike items together, as they come in the order of their ids.
pub(super) struct BacklogBuilder {
    grain: Grain,
    groups: Vec<BatchGroup>,
    pasts: Vec<Past>,
    known_pasts: HashMap<Link, u32>,
    batches: Vec<(Alike, Batch)>,
    known: HashMap<Alike, u32>,
    last: Option<(Alike, u32)>,
    times: Vec<i64>,
    items: u64,
}

/// A call and what came before it, as a key.
type Link = (i64, Option<Reached>, u32);

impl BacklogBuilder {
    pub(super) fn new(grain: Grain) -> BacklogBuilder {
        BacklogBuilder {
            grain,
            groups: Vec::new(),
            pasts: Vec::new(),
            known_pasts: HashMap::new(),
            batches: Vec::new(),
            known: HashMap::new(),
            last: None,
            times: Vec::new(),
            items: 0,
        }
    }

    /// Adds a group. Gives back its number.
    pub(super) fn add_group(&mut self, priority: Priority, place: LeadPlace, caps: Vec<CapLimit>) -> u32 {
        let retries_to = self.groups.len();
        self.groups.push(BatchGroup { priority, place, promised: false, retries_to, caps, batches: 0..0 });
        u32::try_from(retries_to).unwrap_or(u32::MAX)
    }

    /// Adds the group of promised calls to items that are called again in another group.
    pub(super) fn add_promised(&mut self, retries_to: u32) -> u32 {
        if let Some(group) = self.groups.get(retries_to as usize).cloned() {
            self.groups.push(BatchGroup { promised: true, ..group });
        }
        u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn add(&mut self, group: u32, item: &WaitingItem) {
        let past = self.past(&item.calls);
        let caps = self.groups.get(group as usize).map_or(&[][..], |group| &group.caps);
        // What a cap holds back comes back by itself when the cap opens.
        let due = free_from(caps, &self.pasts, past, item.due, &mut self.times);
        let small = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let alike = Alike {
            group,
            due: self.grain.due(due),
            part: self.grain.part(item.id),
            expires: self.grain.expires(item.expires),
            last_end: self.grain.last_end(item),
            past,
            tries: small(item.tries),
            max_retries: small(item.max_retries),
        };
        self.items += 1;
        let last = self.last.filter(|(last, _)| *last == alike).map(|(_, index)| index);
        // Every item for itself needs no search.
        let known = last.or_else(|| self.known.get(&alike).copied());
        let index = known.unwrap_or_else(|| {
            self.batches.push((alike, Batch::new(&alike, item.id)));
            let index = u32::try_from(self.batches.len() - 1).unwrap_or(u32::MAX);
            if !self.grain.is_exact {
                self.known.insert(alike, index);
            }
            index
        });
        self.last = Some((alike, index));
        if let Some((_, batch)) = self.batches.get_mut(index as usize) {
            batch.count += 1;
        }
    }

    /// The calls as a chain: equal ones share it.
    fn past(&mut self, calls: &[(i64, Option<Reached>)]) -> u32 {
        let mut before = NO_PAST;
        for (at, reached) in calls {
            let at = self.grain.call(*at);
            let (next, pasts) = (u32::try_from(self.pasts.len()).unwrap_or(NO_PAST), &mut self.pasts);
            before = *self.known_pasts.entry((at, *reached, before)).or_insert_with(|| {
                pasts.push(Past { at, reached: *reached, before });
                next
            });
        }
        before
    }

    pub(super) fn finish(self) -> Backlog {
        let BacklogBuilder { mut groups, pasts, mut batches, items, known, .. } = self;
        drop(known);
        batches.sort_unstable_by_key(|(alike, batch)| (alike.group, alike.due, alike.part, batch.id));
        for (index, (alike, _)) in batches.iter().enumerate() {
            if let Some(group) = groups.get_mut(alike.group as usize) {
                if group.batches.is_empty() {
                    group.batches = index..index;
                }
                group.batches.end = index + 1;
            }
        }
        for index in (1..batches.len()).rev() {
            if let Some([(before, first), (alike, second)]) = batches.get_mut(index - 1..=index)
                && (before.group, before.due, before.part) == (alike.group, alike.due, alike.part)
            {
                first.equals = second.equals.saturating_add(1);
            }
        }
        Backlog { groups, batches: batches.into_iter().map(|(_, batch)| batch).collect(), pasts, items }
    }
}

impl Batch {
    fn new(alike: &Alike, id: i64) -> Batch {
        Batch {
            due: alike.due,
            expires: alike.expires,
            id,
            key: split_mix(id.unsigned_abs()),
            last_end: alike.last_end,
            count: 0,
            past: alike.past,
            tries: alike.tries,
            max_retries: alike.max_retries,
            equals: 1,
        }
    }
}
