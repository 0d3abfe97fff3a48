//! A receiver of webhooks on loopback that verifies signatures, and goes wrong where a test tells it to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;

/// The secret of the receiver, as the variable `CRM_SECRET` holds it.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How the next request goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Mishap {
    /// Taken, and then answered with this status and these headers (each with its line's end).
    Status(u16, &'static str),
    /// The connection ends before the event is taken.
    DropBefore,
    /// Taken, and the connection ends without an answer.
    DropAfter,
    /// Taken, and answered with what is no HTTP.
    Nonsense,
    /// Taken, and no answer before the client has gone.
    Hang,
    /// Taken, and answered with 200 and a body that never ends.
    Endless,
}

/// An event as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) event: Value,
}

#[derive(Debug, Default)]
struct State {
    mishaps: VecDeque<Mishap>,
    told: Vec<Told>,
    /// Requests that were not as they must be.
    faults: Vec<String>,
    /// Requests under way at once: now, and at most.
    busy: (usize, usize),
}

/// The receiver.
#[derive(Debug)]
pub(crate) struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    /// A receiver that takes everything. Its threads end with the test.
    pub(crate) fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = shared.clone();
                thread::spawn(move || serve(&shared, &stream.unwrap()));
            }
        });
        Receiver { port, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks?token=t0ken", self.port)
    }

    /// A row `[[webhooks]]` that tells it these events.
    pub(crate) fn row(&self, events: &str) -> String {
        format!("[[webhooks]]\nevents = [{events}]\nurl = \"{}\"\nsecret_env = \"CRM_SECRET\"\n", self.url())
    }

    /// The next requests go wrong so, one after the other.
    pub(crate) fn mishaps(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.state().mishaps.extend(mishaps);
    }

    /// What it was told so far, repeated events each time.
    #[track_caller]
    pub(crate) fn told(&self) -> Vec<Told> {
        let state = self.state();
        assert!(state.faults.is_empty(), "{:#?}", state.faults);
        state.told.clone()
    }

    /// The most requests that were under way at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state().busy.1
    }

    /// The types of what it was told, without the repeated ones.
    #[track_caller]
    pub(crate) fn types(&self) -> Vec<String> {
        first_of(&self.told()).iter().map(|told| told.event["type"].as_str().unwrap().to_owned()).collect()
    }
}

/// The events as they came first.
pub(crate) fn first_of(told: &[Told]) -> Vec<Told> {
    let mut known = BTreeSet::new();
    told.iter().filter(|told| known.insert(told.id.clone())).cloned().collect()
}

/// Answers the requests of one connection.
fn serve(shared: &Mutex<State>, stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    while let Some((headers, body)) = read_request(&mut reader) {
        let mishap = {
            let mut state = shared.lock().unwrap();
            state.busy.0 += 1;
            state.busy.1 = state.busy.1.max(state.busy.0);
            state.mishaps.pop_front()
        };
        if !matches!(mishap, Some(Mishap::DropBefore)) {
            let mut state = shared.lock().unwrap();
            match verified(&headers, &body) {
                Ok(told) => state.told.push(told),
                Err(fault) => state.faults.push(fault),
            }
        }
        // Before the answer: the next request may come as soon as that is there.
        if !matches!(mishap, Some(Mishap::Hang | Mishap::Endless)) {
            shared.lock().unwrap().busy.0 -= 1;
        }
        let goes_on = answer(stream, &mut reader, mishap.as_ref());
        if matches!(mishap, Some(Mishap::Hang | Mishap::Endless)) {
            shared.lock().unwrap().busy.0 -= 1;
        }
        if !goes_on {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// Answers a request; false when the connection ends.
fn answer(mut stream: &TcpStream, reader: &mut BufReader<&TcpStream>, mishap: Option<&Mishap>) -> bool {
    let mut say = |text: &str| stream.write_all(text.as_bytes()).is_ok();
    match mishap {
        None => say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
        Some(Mishap::Status(status, headers)) => {
            say(&format!("HTTP/1.1 {status} X\r\n{headers}content-length: 0\r\n\r\n"))
        }
        Some(Mishap::DropBefore | Mishap::DropAfter) => false,
        Some(Mishap::Nonsense) => {
            say("\0\u{1f} this is no HTTP\r\n\r\n");
            false
        }
        Some(Mishap::Hang) => {
            let _ = reader.read(&mut [0]);
            false
        }
        Some(Mishap::Endless) => {
            let mut goes_on = say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            while goes_on {
                goes_on = say("5\r\nagain\r\n");
                thread::sleep(std::time::Duration::from_millis(5));
            }
            false
        }
    }
}

type Headers = BTreeMap<String, String>;

fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<(Headers, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = Headers::from([("request".to_owned(), line.trim_end().to_owned())]);
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((headers, body))
}

/// The event of a request that is as it must be.
fn verified(headers: &Headers, body: &[u8]) -> Result<Told, String> {
    let header = |name: &str| headers.get(name).cloned().ok_or_else(|| format!("no {name}: {headers:?}"));
    if header("request")? != "POST /hooks?token=t0ken HTTP/1.1" {
        return Err(format!("{headers:?}"));
    }
    let (id, timestamp, signature) =
        (header("webhook-id")?, header("webhook-timestamp")?, header("webhook-signature")?);
    let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
    let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let digest = STANDARD.decode(signature.strip_prefix("v1,").ok_or("no v1")?).map_err(|error| error.to_string())?;
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), &signed, &digest).map_err(|_| "a wrong signature")?;
    let event: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let is_event = event["specversion"] == "1.0" && event["id"] == id.as_str() && event["source"].is_string();
    if !is_event || header("content-type")? != "application/cloudevents+json; charset=utf-8" {
        return Err(format!("no CloudEvent: {event}"));
    }
    Ok(Told { id, event })
}
