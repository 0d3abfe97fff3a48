//! Notices whether any byte of a request has left this process, the one fact by which a call that failed is certainly
//! not placed.
//!
//! The layer stands on top of TCP and TLS, so that a refused connection or certificate leaves no trace here. With a proxy
//! it stands twice: on the connection to the proxy, by which the way to the provider is asked for, and on that way itself.
//! Only the second one carries requests. A request is sent by the thread that makes it, hence the notes for each thread.

use std::cell::{Cell, RefCell};
use std::io;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use crate::dispatch::start_gate::{Closed, StartAnswer, StartPermit};

thread_local! {
    static SENT: Cell<bool> = const { Cell::new(false) };
    static THROUGH_PROXY: Cell<bool> = const { Cell::new(false) };
    static GUARD: RefCell<Guard> = const { RefCell::new(Guard::Nothing) };
}

/// What stands before the first byte that this thread sends.
enum Guard {
    Nothing,
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

/// Forgets what this thread has sent. The next request goes through a proxy, or straight.
pub(super) fn begin(through_proxy: bool) {
    SENT.set(false);
    THROUGH_PROXY.set(through_proxy);
}

/// Whether this thread has begun to send anything since [`begin`].
pub(super) fn has_sent() -> bool {
    SENT.get()
}

/// Puts a [`Probed`] around each new connection.
#[derive(Debug)]
pub(super) struct SendProbe;

/// A connection whose use is noticed.
#[derive(Debug)]
pub(super) struct Probed<T> {
    connection: T,
    /// Whether what is sent on it is the request, not what opens the way for it.
    carries_requests: bool,
}

impl<T: Transport> Connector<T> for SendProbe {
    type Out = Probed<T>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<T>) -> Result<Option<Probed<T>>, Error> {
        // The connection to the proxy itself is made without one.
        let is_to_proxy = THROUGH_PROXY.get() && details.config.proxy().is_none();
        Ok(chained.map(|connection| Probed { connection, carries_requests: !is_to_proxy }))
    }
}

impl<T: Transport> Transport for Probed<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        // What opens the way through a proxy is no request yet.
        let _until_it_left = if self.carries_requests { pass()? } else { None };
        // Before the first byte: one that fails half-way may have arrived.
        SENT.set(SENT.get() || self.carries_requests);
        self.connection.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.connection.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;

    use ureq::config::Config;
    use ureq::unversioned::resolver::DefaultResolver;
    use ureq::unversioned::transport::DefaultConnector;
    use ureq::{Agent, Proxy};

    use super::*;

    /// Reads one head of a request.
    fn head(reader: &mut impl BufRead) -> String {
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line).unwrap_or(0) > 2 {
            head.push_str(&std::mem::take(&mut line));
        }
        head
    }

    /// Whether a request through a proxy is noticed that answers so, and what came behind the way that was asked for.
    fn noticed(answer: &'static str) -> (bool, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::new(&listener.local_addr().unwrap().to_string()).unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            assert!(head(&mut reader).starts_with("CONNECT api.example.invalid:80 "));
            stream.write_all(answer.as_bytes()).unwrap();
            if answer.contains(" 200 ") { head(&mut reader) } else { String::new() }
        });
        // Without TLS: no trusted certificate is at hand.
        let config = Config::builder().proxy(Some(proxy)).build();
        let agent = Agent::with_parts(config, DefaultConnector::default().chain(SendProbe), DefaultResolver::default());
        begin(true);
        assert!(agent.get("http://api.example.invalid/").call().is_err());
        (has_sent(), server.join().unwrap())
    }

    #[test]
    fn what_opens_the_way_through_a_proxy_is_no_request_and_what_follows_is_one() {
        let (sent, seen) = noticed("HTTP/1.1 200 OK\r\n\r\n");
        assert!(sent && seen.starts_with("GET / "), "{seen}");
        for refusal in ["HTTP/1.1 407 X\r\n\r\n", "HTTP/1.1 502 X\r\n\r\n", "no HTTP", ""] {
            assert!(!noticed(refusal).0, "{refusal}");
        }
    }
}
