//! The threads that place calls with the provider.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::client::RetellClient;
use super::key::ApiKey;
use super::placement::{Placed, place};
use crate::dispatch::call::{Call, Dispatcher, Ended};
use crate::model::{CallResult, Outcome};

/// At most so many calls are being placed at once; the others wait for their turn.
const MOST_WORKERS: usize = 16;

/// Places calls by asking the provider for them, for all clients of a run. Each ends as `accepted` when the provider has
/// taken it; [`RetellClient::poll`] tells later how it went.
///
/// Dropping the dispatcher interrupts nothing: each thread ends with the last call that it was given.
#[derive(Debug)]
pub struct RetellDispatcher {
    calls: Sender<Call>,
    office: Arc<Office>,
    workers: usize,
}

/// What the threads share.
#[derive(Debug)]
struct Office {
    incoming: Mutex<Receiver<Call>>,
    /// Calls that were given to the threads and have not ended.
    pending: AtomicUsize,
    client: RetellClient,
    ended: Sender<Ended>,
    /// Keys that the provider has refused, with their addresses: no call is tried with them again.
    refused: Mutex<Vec<(String, ApiKey)>>,
}

impl RetellDispatcher {
    /// A dispatcher that tells on `ended` how the placing of its calls ended. A thread is started when one is needed.
    pub fn new(ended: Sender<Ended>, client: RetellClient) -> RetellDispatcher {
        let (calls, incoming) = mpsc::channel();
        let office = Office {
            incoming: Mutex::new(incoming),
            pending: AtomicUsize::new(0),
            client,
            ended,
            refused: Mutex::default(),
        };
        RetellDispatcher { calls, office: Arc::new(office), workers: 0 }
    }

    /// One more thread when all that run have a call.
    fn hire(&mut self) {
        let pending = self.office.pending.fetch_add(1, Ordering::Relaxed) + 1;
        if self.workers < MOST_WORKERS && self.workers < pending {
            let office = self.office.clone();
            let started = thread::Builder::new().name("retell".to_owned()).spawn(move || office.work());
            self.workers += usize::from(started.is_ok());
        }
    }
}

impl Dispatcher for RetellDispatcher {
    fn start(&mut self, call: Call) {
        self.hire();
        if self.workers == 0 {
            self.office.pending.fetch_sub(1, Ordering::Relaxed);
            let result = CallResult::of(Outcome::Returned).because("no thread can be started to place the call");
            return self.office.tell(Ended::of(call, result));
        }
        // The threads hold the receiver as long as this lives.
        if let Err(gone) = self.calls.send(call) {
            let result = CallResult::of(Outcome::Returned).because("internal error: the dispatcher's threads are gone");
            self.office.tell(Ended::of(gone.0, result));
        }
    }
}

impl Office {
    /// Places calls one after the other until no more can come.
    fn work(&self) {
        loop {
            let next = self.incoming.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(call) = next else { return };
            let begun = Instant::now();
            // A fault of ours in one call must not end the others; its request may have been sent.
            let placed = catch_unwind(AssertUnwindSafe(|| self.place(&call))).unwrap_or_else(|_| {
                Placed::of(CallResult::of(Outcome::Unknown).because("internal error in the dispatcher"))
            });
            let ended = Ended {
                could_not_start: placed.account_refused,
                counts_for_breaker: placed.counts_for_breaker,
                client_waits_until: placed.client_waits_until,
                took: begun.elapsed(),
                ..Ended::of(call, placed.result)
            };
            self.pending.fetch_sub(1, Ordering::Relaxed);
            self.tell(ended);
        }
    }

    fn place(&self, call: &Call) -> Placed {
        let Some(phone) = &call.item.phone else {
            return Placed::of(CallResult::of(Outcome::Failed).because("no_phone"));
        };
        let unusable = |reason: String| Placed {
            account_refused: true,
            ..Placed::of(CallResult::of(Outcome::Unavailable).because(reason))
        };
        let Some(settings) = &call.settings.retell else {
            return unusable("the client has no settings for `retell`".to_owned());
        };
        let key = match self.client.key(settings) {
            Ok(key) => key,
            Err(error) => return unusable(error.to_string()),
        };
        if let Some(reason) = self.client.unusable_proxy(settings) {
            return unusable(reason);
        }
        if self.refused().iter().any(|(url, refused)| *url == settings.base_url && *refused == key) {
            return unusable("the provider refused the key (401)".to_owned());
        }
        let placed = place(self.client.provider(settings, &key), &*self.client.clock, call, phone);
        if placed.account_refused {
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
