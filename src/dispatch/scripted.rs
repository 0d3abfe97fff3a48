//! A dispatcher for tests: it answers as it is told, at once or when the test says so.

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
    /// Its attempt.
    pub attempt: AttemptId,
    /// The attempt's number.
    pub number: u32,
    /// Its item.
    pub item: ItemId,
    /// On whose behalf.
    pub client: ClientId,
    /// The number dialled.
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
        let call = {
            let mut state = self.state();
            let position = state.going_on.iter().position(|call| call.item.id == item);
            position.map(|position| state.going_on.remove(position))
        };
        match call {
            Some(call) => {
                self.tell(call, result, false);
                true
            }
            None => false,
        }
    }

    fn tell(&self, call: Call, result: CallResult, could_not_start: bool) {
        let ended = Ended { attempt: call.attempt, result, could_not_start, took: Duration::ZERO, lease: call.lease };
        drop(self.ended.send(ended));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
