//! A dispatcher for tests: it answers as the test says, at once or later.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::call::{Call, Dispatcher, Ended};
use crate::model::{AttemptId, CallResult, ClientId, ItemId, Outcome, PhoneNumber};

/// What a script says to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It ends at once, so.
    Now(CallResult),
    /// It could not be started, for this reason.
    CannotStart(String),
    /// It goes on until [`Stage::end`].
    Later,
}

/// A call as it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    pub attempt: AttemptId,
    pub number: u32,
    pub item: ItemId,
    pub client: ClientId,
    pub phone: Option<PhoneNumber>,
    /// When the attempt was put on disk.
    pub started_at: DateTime<Utc>,
}

/// Answers calls by a script, and tells them to a [`Stage`].
pub struct Scripted {
    script: Box<dyn FnMut(&Call) -> Answer + Send>,
    stage: Stage,
}

/// The test's side of a [`Scripted`] dispatcher: what was started, and the ends of calls that go on.
#[derive(Debug, Clone)]
pub struct Stage {
    ended: Sender<Ended>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    started: Vec<Started>,
    going_on: Vec<Call>,
}

impl Scripted {
    /// A dispatcher that asks `script` for each call and tells on `ended` how it ended.
    pub fn new(ended: Sender<Ended>, script: impl FnMut(&Call) -> Answer + Send + 'static) -> (Scripted, Stage) {
        let stage = Stage { ended, state: Arc::default() };
        (Scripted { script: Box::new(script), stage: stage.clone() }, stage)
    }

    /// A dispatcher that gives each item's calls its answers in turn; further calls, and those of other items, are completed
    /// at once.
    pub fn in_turn(
        ended: Sender<Ended>,
        answers: impl IntoIterator<Item = (ItemId, Vec<Answer>)>,
    ) -> (Scripted, Stage) {
        let mut answers: BTreeMap<ItemId, VecDeque<Answer>> =
            answers.into_iter().map(|(item, answers)| (item, answers.into())).collect();
        Scripted::new(ended, move |call| {
            let next = answers.get_mut(&call.item.id).and_then(VecDeque::pop_front);
            next.unwrap_or(Answer::Now(CallResult::of(Outcome::Completed)))
        })
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl Dispatcher for Scripted {
    fn start(&mut self, call: Call) {
        let answer = (self.script)(&call);
        self.stage.state().started.push(Started {
            attempt: call.attempt,
            number: call.number,
            item: call.item.id,
            client: call.item.client.clone(),
            phone: call.item.phone.clone(),
            started_at: call.started_at,
        });
        match answer {
            Answer::Now(result) => self.stage.tell(call, result, false),
            Answer::CannotStart(reason) => {
                self.stage.tell(call, CallResult::of(Outcome::Unavailable).because(reason), true);
            }
            Answer::Later => self.stage.state().going_on.push(call),
        }
    }
}

impl Stage {
    /// Every call so far, in the order of their starts.
    pub fn started(&self) -> Vec<Started> {
        self.state().started.clone()
    }

    /// The items whose calls go on, in the order of their starts.
    pub fn going_on(&self) -> Vec<ItemId> {
        self.state().going_on.iter().map(|call| call.item.id).collect()
    }

    /// Ends the call of an item that goes on; false when it has none.
    pub fn end(&self, item: ItemId, result: CallResult) -> bool {
        self.end_after(item, result, Duration::ZERO)
    }

    /// The same of a call that took some time.
    pub fn end_after(&self, item: ItemId, result: CallResult, took: Duration) -> bool {
        let call = {
            let mut state = self.state();
            let position = state.going_on.iter().position(|call| call.item.id == item);
            position.map(|position| state.going_on.remove(position))
        };
        match call {
            Some(call) => {
                drop(self.ended.send(Ended { took, ..Ended::of(call, result) }));
                true
            }
            None => false,
        }
    }

    fn tell(&self, call: Call, result: CallResult, could_not_start: bool) {
        drop(self.ended.send(Ended { could_not_start, ..Ended::of(call, result) }));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::dispatch::LeaseFolder;
    use crate::model::{DispatchSettings, Item, Priority, Status};

    fn call(leases: &LeaseFolder, item: i64, number: u32) -> Call {
        let now = DateTime::UNIX_EPOCH;
        let random = [u8::try_from(item).unwrap(), u8::try_from(number).unwrap(), 0, 0, 0, 0, 0, 0, 0, 0];
        let attempt = AttemptId::new(now, random);
        let item = Item {
            id: ItemId::from_row(item).unwrap(),
            key: None,
            client: "acme".parse().unwrap(),
            lead: "lead".parse().unwrap(),
            priority: Priority::Normal,
            status: Status::InProgress,
            held: false,
            scheduled_at: now,
            asked_at: None,
            promise: None,
            not_before: None,
            blocked_by: None,
            expires_at: None,
            counted_attempts: 0,
            no_retry: false,
            max_retries: 3,
            attempts: number,
            phone: None,
            region: None,
            place: Default::default(),
            metadata: None,
            last_reason: None,
            created_at: now,
            created_by: "ann".to_owned(),
            updated_at: now,
        };
        Call {
            attempt,
            number,
            item,
            started_at: now,
            settings: Arc::new(DispatchSettings::default()),
            lease: leases.take(attempt).unwrap(),
            result_file: leases.result_file(attempt),
        }
    }

    #[test]
    fn answers_come_in_turn_and_those_that_wait_end_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let leases = LeaseFolder::open(&folder.path().join("queue.db"));
        let (sender, ended) = mpsc::channel();
        let busy = CallResult::of(Outcome::Retry).because("busy");
        let one = ItemId::from_row(1).unwrap();
        let answers = vec![Answer::Now(busy.clone()), Answer::Later, Answer::CannotStart("gone".to_owned())];
        let (mut scripted, stage) = Scripted::in_turn(sender, [(one, answers)]);
        let results = || ended.try_iter().map(|end| (end.result, end.could_not_start)).collect::<Vec<_>>();

        scripted.start(call(&leases, 1, 1));
        assert_eq!(results(), [(busy.clone(), false)]);
        scripted.start(call(&leases, 1, 2));
        assert_eq!((results(), stage.going_on()), (vec![], vec![one]));
        scripted.start(call(&leases, 1, 3));
        assert_eq!(results(), [(CallResult::of(Outcome::Unavailable).because("gone"), true)]);
        scripted.start(call(&leases, 2, 1));
        assert_eq!(results(), [(CallResult::of(Outcome::Completed), false)]);
        assert!(stage.end(one, busy.clone()));
        assert!(!stage.end(one, busy.clone()));
        assert_eq!(results(), [(busy, false)]);
        let started: Vec<_> = stage.started().into_iter().map(|call| (call.item.get(), call.number)).collect();
        assert_eq!(started, [(1, 1), (1, 2), (1, 3), (2, 1)]);
    }
}
