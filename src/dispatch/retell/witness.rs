//! Notices whether any byte of a request has left this process, the one fact by which a call that failed is certainly
//! not placed.
//!
//! The layer stands on top of TCP and TLS, so that a refused connection or certificate leaves no trace here. A request is
//! sent by the thread that makes it, hence the note for each thread.

use std::cell::Cell;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

thread_local! {
    static SENT: Cell<bool> = const { Cell::new(false) };
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
