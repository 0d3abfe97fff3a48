//! The delivery of all events on threads of its own, beside whatever else the process does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::control::{Control, Delivered, Phase, Round};
use super::message::source;
use super::place::DeliveryPlace;
use super::session::Session;
use crate::store::{Access, Store, StoreResult};

/// What is waited for beyond the time of the last delivery: to note it.
const TO_NOTE: Duration = Duration::from_secs(1);

/// How much other threads are preferred to the delivery, from 0 to 19. With every processor busy, 5,000 calls of `true` with
/// two events each took 33 % longer beside a delivery of the same priority.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 15;

/// A delivery that goes on. When it is dropped it ends as soon as it can, and nobody waits for it.
pub(crate) struct Delivery {
    control: Arc<Control>,
    delivered: Arc<Delivered>,
    store: Arc<Mutex<Store>>,
    /// The receivers that this process cannot reach, each with the reason.
    faults: Vec<(String, String)>,
}

impl Delivery {
    /// Begins to deliver, each receiver on a thread. Without a receiver nothing begins.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub(crate) fn begin(place: DeliveryPlace) -> StoreResult<Option<Delivery>> {
        if place.receivers.is_empty() {
            return Ok(None);
        }
        let store = Arc::new(Mutex::new(Store::open(&place.database, Access::Change)?));
        let control = Arc::new(Control::new());
        let (place, delivered) = (Arc::new(place), Arc::<Delivered>::default());
        let source = source(&place.database);
        let mut faults = Vec::new();
        for receiver in place.receivers.all() {
            let session = match Session::new(place.clone(), receiver, store.clone(), source.clone()) {
                Ok(session) => session,
                Err(fault) => {
                    faults.push((receiver.name.clone(), fault));
                    continue;
                }
            };
            let (told, counted) = (control.clone(), delivered.clone());
            let body = move || {
                // Where processors are short, calls come first. On Linux this is the thread's own; elsewhere nothing is lost.
                #[cfg(target_os = "linux")]
                let _ = rustix::process::setpriority_process(None, NICENESS);
                // A fault of ours ends this receiver's thread, not the calls.
                let _ = catch_unwind(AssertUnwindSafe(|| deliver(&session, &told, &counted)));
                told.end_thread();
            };
            control.begin_thread();
            if let Err(error) = thread::Builder::new().name("events".to_owned()).spawn(body) {
                control.end_thread();
                faults.push((receiver.name.clone(), error.to_string()));
            }
        }
        Ok(Some(Delivery { control, delivered, store, faults }))
    }

    /// The receivers that this process cannot reach, each with the reason.
    pub(crate) fn faults(&self) -> &[(String, String)] {
        &self.faults
    }

    /// A number that changes whenever another program, or another connection of this one, has changed the database.
    pub(crate) fn data_version(&self) -> Option<i64> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner).data_version().ok()
    }

    /// Waits until nothing is to be sent now, at most `grace`, and as long as `goes_on` says. Gives back what was delivered.
    pub(crate) fn end(self, grace: Option<Duration>, goes_on: &dyn Fn() -> bool) -> Arc<Delivered> {
        let end = grace.map(|grace| Instant::now() + grace);
        self.control.set(Phase::Ending(end));
        let is_in_time = || end.is_none_or(|end| Instant::now() < end + TO_NOTE);
        self.control.await_threads(&|| goes_on() && is_in_time());
        self.delivered.clone()
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.control.set(Phase::Stopped);
    }
}

fn deliver(session: &Session, control: &Control, delivered: &Delivered) {
    loop {
        // A database that fails now may work later; the calls say what is wrong with it.
        let round = session.round(control, delivered).ok();
        if round != Some(Round::Worked) && !control.goes_on(round) {
            return;
        }
        if control.time_left().is_some_and(|left| left.is_zero()) {
            return;
        }
    }
}
