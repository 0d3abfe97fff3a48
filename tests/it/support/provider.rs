//! A provider of calls on loopback that behaves as Retell AI says it does, and breaks where a test tells it to.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// The key that the provider takes.
pub(crate) const KEY: &str = "key_0123456789abcdef";

/// How long the provider remembers a key.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

/// How the next request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// With this status, these headers (each with its line's end) and this body; nothing is done.
    Status(u16, &'static str, &'static str),
    /// Done, and then answered with this status and no body.
    DoneBut(u16),
    /// The connection ends before anything is done.
    DropBefore,
    /// Done, and the connection ends without an answer.
    DropAfter,
    /// Done, and the connection ends in the middle of the answer.
    Truncate,
    /// Done, but no answer before the client has gone.
    Hang,
    /// Done once the client has gone: what arrives late.
    Late,
    /// Done, and answered when the test lets go.
    Wait,
    /// The same, with this status and no body.
    WaitBut(u16),
    /// Done, and answered with this instead of the truth.
    Says(&'static str),
}

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) what: String,
    /// The body.
    pub(crate) body: String,
    /// Which of the connections it came on, from 1.
    pub(crate) connection: usize,
}

#[derive(Debug, Default)]
struct State {
    now: DateTime<Utc>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    asked: Vec<Asked>,
    connections: usize,
    /// The answered keys: when, and with which call.
    keys: BTreeMap<String, (DateTime<Utc>, String)>,
    /// How many calls each key has made.
    created: BTreeMap<String, usize>,
    calls: BTreeMap<String, Map<String, Value>>,
    /// Requests under way at once: now, and at most.
    busy: (usize, usize),
    concurrency: Value,
    /// Whether requests that wait are answered.
    lets_go: bool,
    /// What becomes of each new call at once.
    ends: Map<String, Value>,
}

/// The provider.
#[derive(Debug)]
pub(crate) struct Provider {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Provider {
    /// A provider without calls. Its threads end with the test.
    pub(crate) fn start() -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        shared.state().concurrency =
            json!({"current_concurrency": 0, "concurrency_limit": 20, "reserved_inbound_concurrency": 0});
        let server = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = server.clone();
                thread::spawn(move || serve(&shared, &stream.unwrap()));
            }
        });
        Provider { port, shared }
    }

    /// Where it answers.
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next requests whose path contains `path` go wrong so, one after the other.
    pub(crate) fn fault(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.shared.state().faults.entry(path.to_owned()).or_default().extend(faults);
    }

    /// Moves the provider's own clock on.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.shared.state().now += by;
    }

    /// Changes the account of a call, field by field.
    pub(crate) fn set_call(&self, call_id: &str, fields: &Value) {
        let mut state = self.shared.state();
        let call = state.calls.get_mut(call_id).unwrap();
        call.extend(fields.as_object().unwrap().clone());
    }

    /// From now on each new call has ended so when it is asked about.
    pub(crate) fn end_calls(&self, fields: &Value) {
        self.shared.state().ends = fields.as_object().unwrap().clone();
    }

    /// Changes what is said of the account's concurrency.
    pub(crate) fn set_concurrency(&self, concurrency: Value) {
        self.shared.state().concurrency = concurrency;
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.state().asked.clone()
    }

    /// The last parts of the paths of every request so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        let last = |asked: Asked| asked.what.rsplit('/').next().unwrap().to_owned();
        self.asked().into_iter().map(last).collect()
    }

    /// How many calls each key has made, the most of all keys first.
    pub(crate) fn created(&self) -> Vec<usize> {
        let mut counts: Vec<usize> = self.shared.state().created.values().copied().collect();
        counts.sort_by(|a, b| b.cmp(a));
        counts
    }

    /// The connections so far, and the most requests that were under way at once.
    pub(crate) fn load(&self) -> (usize, usize) {
        let state = self.shared.state();
        (state.connections, state.busy.1)
    }

    /// How many requests have no whole answer yet.
    pub(crate) fn under_way(&self) -> usize {
        self.shared.state().busy.0
    }

    /// Answers the requests that wait, and waits until nobody does.
    pub(crate) fn let_go(&self) {
        self.shared.state().lets_go = true;
        self.shared.changed.notify_all();
        drop(self.shared.changed.wait_while(self.shared.state(), |state| state.busy.0 > 0).unwrap());
    }

    /// Waits until this number of calls was made.
    pub(crate) fn await_created(&self, count: usize) {
        let made = |state: &mut State| state.created.values().sum::<usize>() < count;
        drop(self.shared.changed.wait_while(self.shared.state(), made).unwrap());
    }
}

/// Answers the requests of one connection.
fn serve(shared: &Shared, stream: &TcpStream) {
    let connection = {
        let mut state = shared.state();
        state.connections += 1;
        state.connections
    };
    let mut reader = BufReader::new(stream);
    while let Some((what, authorized, body)) = read_request(&mut reader) {
        let fault = {
            let mut state = shared.state();
            state.busy.0 += 1;
            state.busy.1 = state.busy.1.max(state.busy.0);
            state.asked.push(Asked { what: what.clone(), body: body.clone(), connection });
            let meant = state.faults.iter_mut().find(|(path, faults)| what.contains(*path) && !faults.is_empty());
            meant.and_then(|(_, faults)| faults.pop_front())
        };
        let goes_on = respond(shared, stream, &mut reader, &what, authorized, &body, fault);
        shared.state().busy.0 -= 1;
        shared.changed.notify_all();
        if !goes_on {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// The method and path, whether the key is right, and the body; none at the end of the connection or for another protocol.
fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<(String, bool, String)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let what = line.strip_suffix(" HTTP/1.1\r\n")?.to_owned();
    let (mut length, mut authorized) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => authorized = value == format!("Bearer {KEY}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((what, authorized, String::from_utf8(body).unwrap()))
}

/// Does what was asked, as far as the fault lets it; false when the connection ends.
fn respond(
    shared: &Shared,
    stream: &TcpStream,
    reader: &mut BufReader<&TcpStream>,
    what: &str,
    authorized: bool,
    body: &str,
    fault: Option<Fault>,
) -> bool {
    let done = || if authorized { answer(shared, what, body) } else { (401, json!({"message": "invalid key"})) };
    // The client has gone when its side of the connection ends.
    let mut gone = || drop(reader.read(&mut [0]));
    match fault {
        None => {
            let (status, body) = done();
            send(stream, status, "", &body.to_string())
        }
        Some(Fault::Status(status, headers, body)) => send(stream, status, headers, body),
        Some(Fault::DoneBut(status)) => {
            done();
            send(stream, status, "", "")
        }
        Some(Fault::Says(body)) => {
            done();
            send(stream, 200, "", body)
        }
        Some(Fault::DropBefore) => false,
        Some(Fault::DropAfter) => {
            done();
            false
        }
        Some(Fault::Truncate) => {
            let body = done().1.to_string();
            let text = format!("HTTP/1.1 201 Created\r\ncontent-length: {}\r\n\r\n{}", body.len(), &body[..9]);
            let mut stream = stream;
            stream.write_all(text.as_bytes()).unwrap();
            false
        }
        Some(Fault::Hang) => {
            done();
            gone();
            false
        }
        Some(Fault::Wait) => {
            let (status, body) = done();
            drop(shared.changed.wait_while(shared.state(), |state| !state.lets_go).unwrap());
            send(stream, status, "", &body.to_string())
        }
        Some(Fault::WaitBut(status)) => {
            done();
            drop(shared.changed.wait_while(shared.state(), |state| !state.lets_go).unwrap());
            send(stream, status, "", "")
        }
        Some(Fault::Late) => {
            gone();
            done();
            false
        }
    }
}

fn send(mut stream: &TcpStream, status: u16, headers: &str, body: &str) -> bool {
    let text = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).is_ok()
}

/// What the real one does.
fn answer(shared: &Shared, what: &str, body: &str) -> (u16, Value) {
    let mut state = shared.state();
    let answer = match what {
        "POST /v2/create-phone-call" => create(&mut state, &serde_json::from_str(body).unwrap()),
        "POST /v3/list-calls" => {
            let asked: Value = serde_json::from_str(body).unwrap();
            let filter = &asked["filter_criteria"]["metadata"][0];
            assert_eq!((&filter["type"], &filter["op"]), (&json!("string"), &json!("eq")));
            let name = filter["key"].as_str().unwrap();
            let matching = state.calls.values().filter(|call| call["metadata"][name] == filter["value"]);
            (200, json!({"items": matching.collect::<Vec<_>>(), "has_more": false}))
        }
        "GET /get-concurrency" => (200, state.concurrency.clone()),
        what => match what.strip_prefix("GET /v2/get-call/").and_then(|call_id| state.calls.get(call_id)) {
            Some(call) => (200, call.clone().into()),
            None => (404, json!({"message": "no such call"})),
        },
    };
    drop(state);
    shared.changed.notify_all();
    answer
}

/// Makes a call, unless the same key has made one within the hour.
fn create(state: &mut State, asked: &Map<String, Value>) -> (u16, Value) {
    let key = asked["idempotency_key"].as_str().unwrap().to_owned();
    let now = state.now;
    state.keys.retain(|_, (at, _)| now - *at < REMEMBERED);
    let known = state.keys.get(&key).map(|(_, call_id)| call_id.clone());
    let call_id = known.unwrap_or_else(|| {
        let call_id = format!("call_{}", state.calls.len() + 1);
        let mut call = asked.clone();
        call.insert("call_id".to_owned(), call_id.as_str().into());
        call.insert("call_status".to_owned(), "registered".into());
        call.extend(state.ends.clone());
        state.calls.insert(call_id.clone(), call);
        *state.created.entry(key.clone()).or_default() += 1;
        state.keys.insert(key, (now, call_id.clone()));
        call_id
    });
    (201, state.calls[&call_id].clone().into())
}
