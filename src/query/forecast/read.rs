//! Reads what a forecast starts from, in one transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::backlog::{Backlog, BacklogBuilder, Grain, WaitingItem};
use super::learn::learn;
use super::together::Sharer;
use super::world::World;
use crate::compliance::Cap;
use crate::gates::{caps_of, may_start};
use crate::model::{CapLimit, ClientId, LeadPlace, Priority};
use crate::scheduler::{Policy, PolicyBook};
use crate::store::{Store, StoreResult, WaitingRow};

/// Up to this number of waiting items each stands alone.
const MOST_EXACT: u64 = 20_000;

/// All that is known of a client.
pub(super) struct ClientCase {
    pub(super) client: ClientId,
    pub(super) policy: Arc<Policy>,
    pub(super) backlog: Backlog,
    pub(super) world: World,
    pub(super) open_calls: Vec<i64>,
    pub(super) recent_starts: Vec<i64>,
    /// No call begins before; none under a pause without an end, or without a dispatcher.
    pub(super) starts_at: Option<DateTime<Utc>>,
    pub(super) sharer: Sharer,
}

/// Collects the items of a client.
struct Collector {
    client: ClientId,
    policy: Arc<Policy>,
    builder: BacklogBuilder,
    /// By priority and place, whether calls are counted for caps, and whether the next one is promised.
    groups: HashMap<(Priority, i64, bool, bool), u32>,
    /// The caps of each place, and how far back the attempts of a number are read for them.
    places: HashMap<i64, (LeadPlace, Vec<CapLimit>, i64)>,
}

/// Reads the queue of a client, or of all that wait. A client with a wrong configuration is left out.
pub(super) fn read(
    store: &Store,
    policies: &PolicyBook,
    client: Option<&ClientId>,
    most_learned: u32,
    now: DateTime<Utc>,
) -> StoreResult<Vec<ClientCase>> {
    let facts = store.queue_facts(client)?;
    let waiting = facts.counts.iter().filter(|((_, status, _), _)| status.is_waiting());
    let are_few = waiting.map(|(_, count)| count).sum::<u64>() <= MOST_EXACT;
    let ids = store.item_ids()?.map_or((1, 1), |(first, last)| (first.row(), last.row()));
    let grain = Grain { is_exact: are_few, now: now.timestamp_millis(), ids };
    let mut collectors: BTreeMap<i64, Collector> = BTreeMap::new();
    store.waiting_rows(client, are_few, &mut |row| {
        let collector = match collectors.entry(row.client_row) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                let client = store.client_of_row(row.client_row)?;
                let policy = policies.of(&client).clone();
                let builder = BacklogBuilder::new(grain);
                new.insert(Collector { client, policy, builder, groups: HashMap::new(), places: HashMap::new() })
            }
        };
        collector.add(store, row, now)
    })?;
    let sound = collectors.into_values().filter(|of| of.policy.fault.is_none());
    let mut backlogs: Vec<_> = sound.map(|of| (of.client, of.policy, of.builder.finish())).collect();
    if let (Some(client), true) = (client, backlogs.is_empty()) {
        // Nothing waits: what was learned, and how long a new lead would wait, is said all the same.
        backlogs.push((client.clone(), policies.of(client).clone(), Backlog::default()));
    }
    let pauses = store.pauses(now)?;
    let case = |(client, policy, backlog): (ClientId, Arc<Policy>, Backlog)| {
        let (open_calls, recent_starts) = store.present_starts(&client, policy.limits.max_per_minute, now)?;
        let starts_at = may_start(&policy, |pause| pause.holds_all_of(&client), &pauses, now, now);
        let world = learn(store, &client, &policy, most_learned, now)?;
        let state = store.reader().client_named(&client, 0, now)?;
        let sharer = Sharer { share: policy.share, served: state.served, known_since: state.known_since() };
        Ok(ClientCase { client, policy, backlog, world, open_calls, recent_starts, starts_at, sharer })
    };
    backlogs.into_iter().map(case).collect()
}

impl Collector {
    fn add(&mut self, store: &Store, row: &WaitingRow, now: DateTime<Utc>) -> StoreResult<()> {
        let (caps_count, look_back) = match self.places.get(&row.place_row) {
            Some((_, caps, look_back)) => (caps.len(), *look_back),
            None => {
                let place = store.place_of_row(row.place_row)?;
                let caps = own_caps(&self.policy, &place, now);
                let look_back = caps.iter().map(|cap| cap.span().num_milliseconds()).max().unwrap_or(0);
                let count = caps.len();
                self.places.insert(row.place_row, ((*place).clone(), caps, look_back));
                (count, look_back)
            }
        };
        let is_capped = row.has_phone && caps_count > 0;
        let group = self.group(row, is_capped, row.is_promised);
        let mut item = WaitingItem {
            id: row.id,
            due: row.not_before.map_or(row.scheduled_at, |at| at.max(row.scheduled_at)),
            expires: row.expires_at,
            tries: row.counted_attempts,
            max_retries: row.max_retries,
            changed_at: row.updated_at,
            calls: Vec::new(),
        };
        if is_capped && row.counted_attempts > 0 {
            store.item_calls(row.id, now.timestamp_millis() - look_back, &mut item.calls)?;
        }
        self.builder.add(group, &item);
        Ok(())
    }

    fn group(&mut self, row: &WaitingRow, is_capped: bool, is_promised: bool) -> u32 {
        let key = (row.priority, row.place_row, is_capped, is_promised);
        if let Some(group) = self.groups.get(&key) {
            return *group;
        }
        let group = if is_promised {
            let retries_to = self.group(row, is_capped, false);
            self.builder.add_promised(retries_to)
        } else {
            let (place, caps, _) = self.places.get(&row.place_row).cloned().unwrap_or_default();
            self.builder.add_group(row.priority, place, if is_capped { caps } else { Vec::new() })
        };
        self.groups.insert(key, group);
        group
    }
}

/// The caps that count an item's own calls.
fn own_caps(policy: &Policy, place: &LeadPlace, now: DateTime<Utc>) -> Vec<CapLimit> {
    let (purpose, voice) = (policy.law.purpose, policy.law.voice);
    let holds = |cap: &Cap| cap.applies_to.fit_dial(purpose, voice) && cap.applies_to.fit_attempt(purpose, Some(voice));
    caps_of(policy, place, &[], now).into_iter().filter(holds).map(|cap| cap.limit).collect()
}
