//! The threads that place calls with the provider.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::client::RetellClient;
use super::key::ApiKey;
use super::placement::{Placed, Placing};
use crate::dispatch::call::{Call, Dispatcher, Ended};
use crate::dispatch::provider::AccountId;
use crate::dispatch::start_gate::StartGate;
use crate::model::{CallResult, Outcome};

/// Places calls by asking the provider for them, for all clients of a run. Each ends as `accepted` when the provider has
/// taken it; [`Provider::poll`](crate::dispatch::Provider::poll) tells later how it went.
///
/// Each account has one thread, which sends one request after the other. So an outage leaves one request in doubt,
/// however many calls were claimed.
///
/// Dropping the dispatcher interrupts nothing: each thread ends with the last call that it was given.
pub struct RetellDispatcher {
    lanes: HashMap<AccountId, Sender<Call>>,
    workers: Arc<Workers>,
}

/// What the threads share.
struct Workers {
    client: RetellClient,
    gate: Arc<dyn StartGate>,
    ended: Sender<Ended>,
    /// Keys that the provider has refused, with their addresses: no call is tried with them again.
    refused: Mutex<Vec<(String, ApiKey)>>,
}

impl RetellDispatcher {
    /// A dispatcher that tells on `ended` how the placing of its calls ended. The gate is asked just before each request
    /// that places a call. A thread is started when one is needed.
    pub fn new(ended: Sender<Ended>, client: RetellClient, gate: Arc<dyn StartGate>) -> RetellDispatcher {
        let workers = Workers { client, gate, ended, refused: Mutex::default() };
        RetellDispatcher { lanes: HashMap::new(), workers: Arc::new(workers) }
    }

    /// Starts the thread of an account, unless it is there.
    fn lane(&mut self, account: AccountId) -> std::io::Result<Sender<Call>> {
        if let Some(lane) = self.lanes.get(&account) {
            return Ok(lane.clone());
        }
        let (calls, incoming) = mpsc::channel();
        let workers = self.workers.clone();
        thread::Builder::new().name("retell".to_owned()).spawn(move || workers.work(&incoming))?;
        self.lanes.insert(account, calls.clone());
        Ok(calls)
    }
}

impl Dispatcher for RetellDispatcher {
    fn start(&mut self, call: Call) {
        let Some(settings) = &call.settings.retell else {
            let placed = Placed::unusable("the client has no settings for `retell`".to_owned());
            return self.workers.tell(placed.end(call));
        };
        let lane = match self.lane(AccountId::from(settings)) {
            Ok(lane) => lane,
            Err(error) => {
                let reason = format!("no thread can be started to place the call: {error}");
                return self.workers.tell(Ended::of(call, CallResult::of(Outcome::Returned).because(reason)));
            }
        };
        // The thread holds the receiver as long as this lives.
        if let Err(gone) = lane.send(call) {
            let result = CallResult::of(Outcome::Returned).because("internal error: the dispatcher's thread is gone");
            self.workers.tell(Ended::of(gone.0, result));
        }
    }
}

impl Workers {
    /// Places calls one after the other until no more can come.
    fn work(&self, incoming: &Receiver<Call>) {
        for call in incoming {
            let begun = Instant::now();
            // A fault of ours in one call must not end the others; its request may have been sent.
            let placed = catch_unwind(AssertUnwindSafe(|| self.place(&call))).unwrap_or_else(|_| {
                Placed::of(CallResult::of(Outcome::Unknown).because("internal error in the dispatcher"))
            });
            self.tell(Ended { took: begun.elapsed(), ..placed.end(call) });
        }
    }

    fn place(&self, call: &Call) -> Placed {
        let Some(phone) = &call.item.phone else {
            return Placed::of(CallResult::of(Outcome::Failed).because("no_phone"));
        };
        let Some(settings) = &call.settings.retell else {
            return Placed::unusable("the client has no settings for `retell`".to_owned());
        };
        let key = match self.client.key(settings) {
            Ok(key) => key,
            Err(error) => return Placed::unusable(error.to_string()),
        };
        if let Some(reason) = self.client.unusable_proxy(settings) {
            return Placed::unusable(reason);
        }
        if self.refused().iter().any(|(url, refused)| *url == settings.base_url && *refused == key) {
            return Placed::unusable("the provider refused the key (401)".to_owned());
        }
        let placing = Placing {
            provider: self.client.requests(settings, &key),
            clock: &*self.client.clock,
            gate: &self.gate,
            outages: &self.client.outages,
            call,
        };
        let placed = placing.place(phone);
        if placed.key_refused {
            self.refused().push((settings.base_url.clone(), key));
        }
        placed
    }

    fn refused(&self) -> MutexGuard<'_, Vec<(String, ApiKey)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, ended: Ended) {
        // Nobody listens any more when the run has been given up; recovery settles the attempt.
        drop(self.ended.send(ended));
    }
}
