//! What the provider is asked beside the placing of calls: how accepted calls have ended, and how many more it takes. Each
//! question has a thread of its own, so that a provider that does not answer holds up no other call.
//!
//! One of these lives as long as its program, so that `watch` asks in each turn only for what is due.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::capacity::Capacities;
use super::doubts::{Doubts, Unanswered, look_up_all};
use crate::dispatch::{AcceptedCall, AccountId, LookUp, PollRound, Provider, ProviderAccount};
use crate::model::{AttemptId, ClientId};

/// What the provider has answered.
pub(in crate::engine) enum ProviderUpdate {
    /// How accepted calls stand.
    Round(PollRound),
    /// How many more calls an account takes; none when the provider does not say.
    Capacity(AccountId, Option<u32>),
    /// Whether it has the calls that were looked up, and the questions without an answer so far, if that is known.
    LookedUp(Vec<(AttemptId, LookUp)>, Option<Unanswered>),
}

/// The questions of one program, and what is known by their answers.
pub(crate) struct Polling {
    provider: Arc<dyn Provider>,
    sender: Sender<ProviderUpdate>,
    receiver: Receiver<ProviderUpdate>,
    /// Answers that have come in and were not taken.
    updates: Vec<ProviderUpdate>,
    /// Questions without an answer.
    under_way: usize,
    /// When each accepted call was asked about, or accepted, last.
    asked_at: HashMap<AttemptId, DateTime<Utc>>,
    /// The calls that are being asked about.
    asking: Vec<AttemptId>,
    /// The calls about which the provider was asked, and what it said is on record.
    pub(in crate::engine) answered: HashSet<AttemptId>,
    /// When to look for accepted calls again.
    look_at: Option<DateTime<Utc>>,
    /// The provider asked not to be asked about calls before this instant.
    silent_until: Option<DateTime<Utc>>,
    /// What the accounts take in this run.
    pub(in crate::engine) capacities: Capacities,
    /// The calls of earlier runs that the provider may have.
    pub(in crate::engine) doubts: Doubts,
    /// The instants before which the provider takes no further call of a client.
    pub(in crate::engine) waits: HashMap<ClientId, DateTime<Utc>>,
}

impl Polling {
    /// Questions to this provider. Nothing is asked yet.
    pub(crate) fn new(provider: Arc<dyn Provider>) -> Polling {
        let (sender, receiver) = channel();
        Polling {
            provider,
            sender,
            receiver,
            updates: Vec::new(),
            under_way: 0,
            asked_at: HashMap::new(),
            asking: Vec::new(),
            answered: HashSet::new(),
            look_at: None,
            silent_until: None,
            capacities: Capacities::default(),
            doubts: Doubts::default(),
            waits: HashMap::new(),
        }
    }

    #[cfg(test)]
    pub(crate) fn of_nobody() -> Polling {
        Polling::new(Arc::new(crate::dispatch::Nobody))
    }

    pub(in crate::engine) fn provider(&self) -> &Arc<dyn Provider> {
        &self.provider
    }

    /// A run begins: it looks for accepted calls at once, and learns anew how many more calls are taken.
    pub(in crate::engine) fn begin_run(&mut self, now: DateTime<Utc>) {
        self.look_at = Some(now.max(self.silent_until.unwrap_or(now)));
        self.capacities = Capacities::default();
        self.doubts.begin_run();
        self.provider.begin_run();
    }

    /// A call of this run was accepted: it is asked about after the interval.
    pub(in crate::engine) fn note_accepted(&mut self, attempt: AttemptId, interval: TimeDelta, now: DateTime<Utc>) {
        self.asked_at.insert(attempt, now);
        let due = now + interval;
        self.look_at = Some(self.look_at.map_or(due, |at| at.min(due)));
    }

    /// When accepted calls have to be looked for; none when there was none at the last look.
    pub(in crate::engine) fn next_look(&self) -> Option<DateTime<Utc>> {
        self.look_at.filter(|_| self.asking.is_empty())
    }

    /// Asks about those of all accepted calls that are due.
    pub(in crate::engine) fn poll(&mut self, accepted: Vec<AcceptedCall>, now: DateTime<Utc>) {
        let open: HashSet<AttemptId> = accepted.iter().map(|call| call.attempt).collect();
        self.asked_at.retain(|attempt, _| open.contains(attempt));
        self.answered.retain(|attempt| open.contains(attempt));
        let asked_at = &mut self.asked_at;
        self.look_at = None;
        let mut due = Vec::new();
        for call in accepted {
            let interval = call.account.poll_interval();
            // A clock that was set back must not silence the questions.
            let is_due = asked_at.get(&call.attempt).is_none_or(|at| (now - *at).abs() >= interval);
            let last = if is_due { now } else { asked_at.get(&call.attempt).copied().unwrap_or(now) };
            let next = last + interval;
            self.look_at = Some(self.look_at.map_or(next, |at| at.min(next)));
            if is_due {
                asked_at.insert(call.attempt, now);
                due.push(call);
            }
        }
        if due.is_empty() {
            return;
        }
        self.asking = due.iter().map(|call| call.attempt).collect();
        let provider = self.provider.clone();
        let started =
            self.ask(move || ProviderUpdate::Round(provider.poll(&due)), ProviderUpdate::Round(PollRound::default()));
        if !started {
            self.asking.clear();
        }
    }

    /// Asks how many more calls an account takes.
    pub(in crate::engine) fn ask_capacity(&mut self, account: ProviderAccount) {
        let (provider, id) = (self.provider.clone(), account.id());
        self.capacities.ask(id.clone());
        let of = id.clone();
        let question = move || ProviderUpdate::Capacity(of, provider.capacity(&account).ok());
        if !self.ask(question, ProviderUpdate::Capacity(id.clone(), None)) {
            self.capacities.learn(id, None, DateTime::UNIX_EPOCH);
        }
    }

    /// Looks up those calls in doubt that are due.
    pub(in crate::engine) fn look_up(&mut self, now: DateTime<Utc>) {
        let Some((due, unanswered)) = self.doubts.take_due(now) else { return };
        let provider = self.provider.clone();
        let question = move || {
            let (answers, unanswered) = look_up_all(&*provider, &due, unanswered);
            ProviderUpdate::LookedUp(answers, Some(unanswered))
        };
        if !self.ask(question, ProviderUpdate::LookedUp(Vec::new(), None)) {
            self.doubts.note_asked(None);
        }
    }

    /// Asks on a thread of its own; `otherwise` is the answer when that panics. False when there is no thread to be had.
    fn ask(&mut self, question: impl FnOnce() -> ProviderUpdate + Send + 'static, otherwise: ProviderUpdate) -> bool {
        let sender = self.sender.clone();
        let answer = move || {
            let update = catch_unwind(AssertUnwindSafe(question)).unwrap_or(otherwise);
            // Nobody listens any more when the program ends.
            drop(sender.send(update));
        };
        let started = thread::Builder::new().name("provider".to_owned()).spawn(answer).is_ok();
        self.under_way += usize::from(started);
        started
    }

    /// Whether any question has no answer yet.
    pub(in crate::engine) fn are_under_way(&self) -> bool {
        self.under_way > 0
    }

    /// Waits for an answer, at most for `at_most`.
    pub(in crate::engine) fn wait(&mut self, at_most: Duration) {
        if let Ok(update) = self.receiver.recv_timeout(at_most) {
            self.updates.push(update);
        }
    }

    /// The answers that have come in.
    pub(in crate::engine) fn take_updates(&mut self) -> Vec<ProviderUpdate> {
        self.updates.extend(self.receiver.try_iter());
        self.under_way = self.under_way.saturating_sub(self.updates.len());
        std::mem::take(&mut self.updates)
    }

    /// Notes that what the provider said of the calls that were asked about cannot be recorded: they are asked about again
    /// when their time comes.
    pub(in crate::engine) fn note_not_recorded(&mut self) {
        self.asking.clear();
    }

    /// Notes that what the provider said of the calls that were asked about is on record.
    pub(in crate::engine) fn note_answered(&mut self, ask_again_at: Option<DateTime<Utc>>) {
        self.answered.extend(self.asking.drain(..));
        self.silent_until = ask_again_at;
        self.look_at = self.look_at.max(self.look_at.and(ask_again_at));
    }
}

impl std::fmt::Debug for Polling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Polling").field("under_way", &self.under_way).finish_non_exhaustive()
    }
}
