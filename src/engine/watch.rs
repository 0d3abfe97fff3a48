//! `watch`: one run after the other, with a rest between two that ends early when there is something to do.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::contract::{Gate, Verdict};
use crate::interrupt::Interrupt;
use crate::model::ClientId;
use crate::query::next_slot_after;
use crate::scheduler::PolicyBook;
use crate::store::{Store, StoreResult};

/// How long to rest after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The longest wait.
    pub interval: TimeDelta,
    /// And at most until this instant on the wall clock.
    pub until: Option<DateTime<Utc>>,
}

/// What `watch` repeats.
pub(crate) trait Turns {
    /// Why no further turn is made.
    type Error;

    /// Makes one run, and reports it.
    ///
    /// # Errors
    /// What further turns cannot mend.
    fn turn(&mut self) -> Result<Rest, Self::Error>;

    /// Whether something that the next turn depends on was changed by others since the last turn began.
    ///
    /// # Errors
    /// What further turns cannot mend.
    fn has_news(&mut self) -> Result<bool, Self::Error>;
}

/// A change by another program is noticed at least so soon, and so are a clock that was set and a machine that slept.
const SLICE: TimeDelta = TimeDelta::milliseconds(500);

/// Makes turns until a signal comes, and gives that back. The turn at hand is finished first.
///
/// # Errors
/// What ended a turn and cannot be mended by further ones.
pub(crate) fn watch<T: Turns>(clock: &dyn Clock, interrupt: &dyn Interrupt, turns: &mut T) -> Result<u8, T::Error> {
    loop {
        let rest = turns.turn()?;
        if let Some(signal) = pause(clock, interrupt, turns, rest)? {
            return Ok(signal);
        }
    }
}

/// Rests in slices until a turn is due; gives back the signal that ends all.
///
/// The interval ends by what was waited or by the wall clock, whichever is first: a clock that is set back does not make
/// it longer, and the sleep of the machine counts.
fn pause<T: Turns>(
    clock: &dyn Clock,
    interrupt: &dyn Interrupt,
    turns: &mut T,
    rest: Rest,
) -> Result<Option<u8>, T::Error> {
    let began = clock.now();
    let mut waited = TimeDelta::zero();
    loop {
        if let Some(signal) = interrupt.signal() {
            return Ok(Some(signal));
        }
        let now = clock.now();
        let of_interval = rest.interval - waited.max(now - began);
        let left = rest.until.map_or(of_interval, |until| of_interval.min(until - now));
        if left <= TimeDelta::zero() {
            return Ok(None);
        }
        let slice = left.min(SLICE);
        interrupt.pause(slice.to_std().unwrap_or_default());
        waited += slice;
        if interrupt.signal().is_none() && turns.has_news()? {
            return Ok(None);
        }
    }
}

/// When time alone lets a run call what one at `now` could not: the next slot, the end of a returned attempt's delay, or
/// of the minute of a rate limit. Time alone does not help what waits for a free slot or a working dispatcher, but when
/// the next call is one of these, slots of other clients come later and count.
pub(super) fn wake_at(
    store: &Store,
    policies: &PolicyBook,
    blocked: &BTreeMap<ClientId, Verdict>,
    client: Option<&ClientId>,
    next_call_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> StoreResult<Option<DateTime<Utc>>> {
    let mut wakes = vec![next_call_at, store.next_released(now)?];
    for client in blocked.keys() {
        let most = policies.of(client).limits.max_per_minute;
        if most > 0 {
            let state = store.client_activity(client, most, now)?;
            let is_full = state.started_last_minute >= most;
            wakes.push(state.oldest_start.filter(|_| is_full).map(|start| start + TimeDelta::minutes(1)));
        }
    }
    if next_call_at.is_some_and(|next| next <= now) {
        let waits_for_time = |client: &ClientId| {
            let gate = blocked.get(client).map(|closed| closed.gate);
            !matches!(gate, Some(Gate::Capacity | Gate::ProviderCapacity | Gate::RateLimit | Gate::Dispatcher))
        };
        wakes.push(next_slot_after(store, policies, client, &waits_for_time, now)?);
    }
    Ok(wakes.into_iter().flatten().filter(|wake| *wake > now).min())
}
