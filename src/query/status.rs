//! How the queue stands, client by client: what is due, what holds it back, and when the next call is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::forecast::done_at;
use super::next_call::next_call_at;
use super::registry_ages::RegistryAges;
use super::unattended::ReadyItems;
use crate::contract::{
    ClientStateView, ClientStatusView, EventStatusView, Evidence, GateCountView, LastRunView, RegistryStatusView,
    StatusView, Verdict,
};
use crate::gates::{self, ClientFacts};
use crate::model::{ClientActivity, ClientId, Gate, Pause, Status};
use crate::scheduler::{LegalPlace, Policy, PolicyBook, next_slot, parse_past_time};
use crate::store::{BlockedItems, DueByVerdict, EventCounts, QueueFacts, Store, StoreResult};

/// Of more clients or waiting items nobody is kept waiting for a forecast.
const FEW_CLIENTS: usize = 10;
const FEW_ITEMS: u64 = 2_000;

/// Writes what a gate says of a client.
type Detail<'a> = dyn Fn(&Verdict, &ClientId) -> String + 'a;

/// The state of a client, or of all that have something to do, at `now`.
pub(crate) fn status(
    store: &Store,
    policies: &PolicyBook,
    client: Option<&ClientId>,
    now: DateTime<Utc>,
    detail: &Detail<'_>,
) -> StoreResult<StatusView> {
    store.at_one_instant(|store| {
        let queue = store.queue_facts(client)?;
        let mut opens: BTreeMap<(ClientId, Gate), DateTime<Utc>> = BTreeMap::new();
        let mut due = store.due_by_client(client, &queue, now, &mut |client, place, priority| {
            let policy = policies.of(client);
            let gate = gates::closed_window(policy, place, priority, now)?.gate;
            let legal = LegalPlace::of(&policy.hours, place).ok();
            if let Some(slot) = legal.and_then(|legal| next_slot(&policy.hours, &legal, priority, now)) {
                opens.entry((client.clone(), gate)).and_modify(|first| *first = slot.min(*first)).or_insert(slot);
            }
            Some(gate)
        })?;
        let mut blocked: BTreeMap<ClientId, Vec<(Gate, BlockedItems)>> = BTreeMap::new();
        for ((client, gate), items) in store.blocked_items(client, now)? {
            blocked.entry(client).or_default().push((gate, items));
        }
        let names: BTreeSet<&ClientId> = queue.counts.keys().map(|(client, ..)| client).chain(client).collect();
        let mut clients = Vec::new();
        let mut ready = ReadyItems::default();
        for name in names {
            let due = due.remove(name).unwrap_or_default();
            let since = due.oldest;
            let of_client = OfClient { client: name, policy: policies.of(name), queue: &queue, opens: &opens, now };
            let view = of_client.view(store, policies, due, blocked.remove(name).unwrap_or_default(), detail)?;
            ready.add(view.ready(), since);
            let has_work = view.waiting + view.in_progress + view.called_today > 0;
            if has_work || client.is_some() {
                clients.push(view);
            }
        }
        let waiting: u64 = clients.iter().map(|client| client.waiting).sum();
        if waiting <= FEW_ITEMS && clients.len() <= FEW_CLIENTS {
            for client in &mut clients {
                client.done_at = done_at(store, policies, &client.client_id, now)?;
            }
        }
        let last_run = store.last_run()?;
        let is_calling = clients.iter().any(|client| client.in_progress > 0);
        Ok(StatusView {
            unattended: ready.unattended(last_run.as_ref(), is_calling, now),
            last_run: last_run.map(|run| LastRunView {
                run_id: run.id.to_string(),
                started_at: run.started_at,
                by: run.by,
                processed: run.processed,
            }),
            held: queue.held.values().sum(),
            callbacks_missed: store.missed_callbacks(client, now)?,
            events: event_status(store)?,
            registries: registries(store, policies, now)?,
            clients,
        })
    })
}

/// The events that wait for hooks and webhooks.
pub(crate) fn event_status(store: &Store) -> StoreResult<EventStatusView> {
    let EventCounts { waiting, failing, dead, oldest_at } = store.event_counts()?;
    Ok(EventStatusView { waiting, failing, dead, oldest_at })
}

/// Those that are asked, and other copies.
fn registries(store: &Store, policies: &PolicyBook, now: DateTime<Utc>) -> StoreResult<Vec<RegistryStatusView>> {
    let ages = RegistryAges::of(store, policies, now)?;
    let copies = store.registries()?;
    let absent = ages.asked().filter(|name| !copies.iter().any(|copy| copy.name == *name));
    let mut views: Vec<RegistryStatusView> =
        absent.map(|name| RegistryStatusView { name: name.to_owned(), as_of: None, stale: true }).collect();
    views.extend(copies.iter().map(|copy| RegistryStatusView {
        name: copy.name.clone(),
        as_of: Some(copy.as_of),
        stale: ages.is_stale(copy),
    }));
    views.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(views)
}

struct OfClient<'a> {
    client: &'a ClientId,
    policy: &'a Policy,
    queue: &'a QueueFacts,
    /// When the first of the windows opens that a gate closes, by client.
    opens: &'a BTreeMap<(ClientId, Gate), DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl OfClient<'_> {
    fn view(
        &self,
        store: &Store,
        policies: &PolicyBook,
        due: DueByVerdict<Option<Gate>>,
        blocked: Vec<(Gate, BlockedItems)>,
        detail: &Detail<'_>,
    ) -> StoreResult<ClientStatusView> {
        let OfClient { client, policy, now, .. } = *self;
        let limits = &policy.limits;
        let activity = store.client_activity(client, limits.max_per_minute, now)?;
        let verdicts = self.verdicts(&activity);
        let held_by =
            verdicts.iter().find(|verdict| !verdict.open && !matches!(verdict.gate, Gate::Capacity | Gate::RateLimit));
        let all_due = due.counts.values().sum::<u64>() + blocked.iter().map(|(_, items)| items.items).sum::<u64>();
        let gates = match held_by {
            Some(closed) => of_gate(closed, all_due).into_iter().collect(),
            None => self.gates(&verdicts, due, blocked),
        };
        let midnight = parse_past_time("today", &policy.hours.zone, now).unwrap_or(now);
        let calls = store.calls_since(client, midnight)?;
        Ok(ClientStatusView {
            client_id: client.clone(),
            state: self.state(held_by, &gates, all_due, detail),
            due: all_due,
            waiting: self.count(Status::is_waiting),
            in_progress: self.count(|status| status == Status::InProgress),
            max_concurrent: limits.max_concurrent,
            called_today: calls.called,
            reached_today: calls.reached,
            next_call_at: next_call_at(store, policies, Some(client), now)?,
            done_at: None,
            gates,
        })
    }

    fn verdicts(&self, activity: &ClientActivity) -> Vec<Verdict> {
        gates::of_client(&ClientFacts { activity, run: None }, None, self.policy, self.now)
    }

    fn count(&self, wanted: impl Fn(Status) -> bool) -> u64 {
        let counts = self.queue.counts.iter();
        counts.filter(|((client, status, _), _)| client == self.client && wanted(*status)).map(|(_, count)| count).sum()
    }

    /// What holds back the due items of a client that may call: its limits hold what nothing else does.
    fn gates(
        &self,
        verdicts: &[Verdict],
        due: DueByVerdict<Option<Gate>>,
        blocked: Vec<(Gate, BlockedItems)>,
    ) -> Vec<GateCountView> {
        let mut found: BTreeMap<Gate, GateCountView> = BTreeMap::new();
        let mut add = |gate: Gate, items: u64, until: Option<DateTime<Utc>>| {
            let count = found.entry(gate).or_insert(GateCountView { gate, items: 0, until });
            count.items += items;
            count.until = [count.until, until].into_iter().flatten().min();
        };
        let limit = verdicts.iter().find(|verdict| !verdict.open);
        for (closed, items) in due.counts.into_iter().filter(|(_, items)| *items > 0) {
            match (closed, limit) {
                (Some(gate), _) => add(gate, items, self.opens.get(&(self.client.clone(), gate)).copied()),
                (None, Some(limit)) => add(limit.gate, items, limit.until),
                (None, None) => {}
            }
        }
        for (gate, held) in blocked {
            add(gate, held.items, Some(held.until).filter(|until| *until != gates::UNTIL_RESUMED));
        }
        found.into_values().collect()
    }

    fn state(
        &self,
        held_by: Option<&Verdict>,
        gates: &[GateCountView],
        due: u64,
        detail: &Detail<'_>,
    ) -> ClientStateView {
        let told = |gate: Option<Gate>, verdict: &Verdict| ClientStateView {
            gate,
            until: verdict.until,
            detail: detail(verdict, self.client),
            dispatcher_failed: verdict.is_of_failed_dispatcher(),
            paused_by: paused_by(verdict),
        };
        if let Some(closed) = held_by {
            return told(Some(closed.gate), closed);
        }
        let hours = gates::business_hours(self.policy, self.now);
        if let Some(closed) = hours.as_ref().filter(|hours| !hours.open) {
            return told(Some(closed.gate), closed);
        }
        let is_blocked = gates.iter().map(|gate| gate.items).sum::<u64>() == due
            && !gates.iter().any(|gate| matches!(gate.gate, Gate::Capacity | Gate::RateLimit));
        match (gates.iter().max_by_key(|gate| gate.items).filter(|_| is_blocked), hours) {
            (Some(most), _) => ClientStateView {
                gate: Some(most.gate),
                until: most.until,
                detail: format!("{} of {due} due items wait for the gate {}", most.items, most.gate),
                dispatcher_failed: false,
                paused_by: None,
            },
            (None, Some(open)) => told(None, &open),
            (None, None) => ClientStateView {
                gate: None,
                until: None,
                detail: "open".to_owned(),
                dispatcher_failed: false,
                paused_by: None,
            },
        }
    }
}

fn of_gate(closed: &Verdict, items: u64) -> Option<GateCountView> {
    (items > 0).then_some(GateCountView { gate: closed.gate, items, until: closed.until })
}

fn paused_by(verdict: &Verdict) -> Option<String> {
    match &verdict.evidence {
        Evidence::Pauses(pauses) => Pause::widest(pauses).map(|pause| pause.by.clone()),
        _ => None,
    }
}
