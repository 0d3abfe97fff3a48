//! Notices whether any byte of a request has left this process, the one fact by which a call that failed is certainly
//! not placed.
//!
//! The layer stands on top of TCP and TLS, so that a refused connection or certificate leaves no trace here. A request is
//! sent by the thread that makes it, hence the note for each thread.

use std::cell::{Cell, RefCell};
use std::io;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use crate::dispatch::start_gate::{Closed, StartAnswer, StartPermit};

thread_local! {
    static SENT: Cell<bool> = const { Cell::new(false) };
    static GUARD: RefCell<Guard> = const { RefCell::new(Guard::Nothing) };
}

/// What stands before the first byte that this thread sends.
enum Guard {
    Nothing,
    /// This is asked.
    Ask(Box<dyn FnOnce() -> StartAnswer>),
    /// It was asked, and nothing is sent.
    Closed(Closed),
}

/// Sends a request whose first byte leaves only if `ask` allows it at that moment. What `ask` gives is held until the
/// byte has left.
///
/// # Errors
/// What kept the request from being sent.
pub(super) fn guarded<T>(ask: impl FnOnce() -> StartAnswer + 'static, send: impl FnOnce() -> T) -> Result<T, Closed> {
    GUARD.set(Guard::Ask(Box::new(ask)));
    let sent = send();
    match GUARD.replace(Guard::Nothing) {
        Guard::Closed(closed) => Err(closed),
        Guard::Nothing | Guard::Ask(_) => Ok(sent),
    }
}

/// Asks what stands before the first byte.
fn pass() -> Result<Option<StartPermit>, Error> {
    let closed = match GUARD.replace(Guard::Nothing) {
        Guard::Nothing => return Ok(None),
        Guard::Ask(ask) => match ask() {
            StartAnswer::Open(permit) => return Ok(Some(permit)),
            StartAnswer::Closed(closed) => closed,
        },
        Guard::Closed(closed) => closed,
    };
    GUARD.set(Guard::Closed(closed));
    Err(Error::Io(io::Error::other("the call may not be placed any more")))
}

/// Forgets what this thread has sent.
pub(super) fn begin() {
    SENT.set(false);
}

/// Whether this thread has begun to send anything since [`begin`].
pub(super) fn has_sent() -> bool {
    SENT.get()
}

/// Puts a [`Watched`] around each new connection.
#[derive(Debug)]
pub(super) struct Witness;

/// A connection whose use is noticed.
#[derive(Debug)]
pub(super) struct Watched<T>(T);

impl<T: Transport> Connector<T> for Witness {
    type Out = Watched<T>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<T>) -> Result<Option<Watched<T>>, Error> {
        Ok(chained.map(Watched))
    }
}

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let _until_it_left = pass()?;
        // Before the first byte: one that fails half-way may have arrived.
        SENT.set(true);
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
