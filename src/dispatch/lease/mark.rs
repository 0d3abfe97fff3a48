//! What stands in a lease file: nothing before the call is started, then the call, as one line of JSON.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::DateTime;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::model::{StartedCall, to_text};

/// The most bytes of a lease file; a call takes about 1 KiB at most, but for its zones.
const LARGEST: u64 = 64 * 1024;

/// What a lease file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// There is no file.
    Missing,
    /// The call was not started.
    Unstarted,
    /// This call was started.
    Started(Box<StartedCall>),
    /// A call was started, and the file does not name it: version 0.1 wrote a single byte.
    Nameless,
}

/// The line. Every value is a text or a number, so that other programs can read it.
#[derive(Serialize, Deserialize)]
struct Line {
    attempt_id: String,
    attempt: u32,
    item_id: String,
    client_id: String,
    lead_id: String,
    phone: Option<String>,
    timezones: Vec<String>,
    priority: String,
    dispatcher: String,
    run_id: String,
    started_at: String,
}

/// The line of a call.
pub(super) fn line(call: &StartedCall) -> Vec<u8> {
    let line = Line {
        attempt_id: call.attempt.to_string(),
        attempt: call.number,
        item_id: call.item.to_string(),
        client_id: call.client.to_string(),
        lead_id: call.lead.to_string(),
        phone: call.phone.as_ref().map(ToString::to_string),
        timezones: call.zones.iter().map(ToString::to_string).collect(),
        priority: call.priority.to_string(),
        dispatcher: call.dispatcher.clone(),
        run_id: call.run.to_string(),
        started_at: to_text(call.started_at),
    };
    // Texts and numbers can always be written; the byte of version 0.1 says at least that the call was started.
    let mut line = serde_json::to_vec(&line).unwrap_or_else(|_| b"1".to_vec());
    line.push(b'\n');
    line
}

fn parsed(text: &[u8]) -> Option<StartedCall> {
    let line: Line = serde_json::from_slice(text).ok()?;
    Some(StartedCall {
        attempt: line.attempt_id.parse().ok()?,
        number: line.attempt,
        item: line.item_id.parse().ok()?,
        client: line.client_id.parse().ok()?,
        lead: line.lead_id.parse().ok()?,
        phone: line.phone.map(|phone| phone.parse()).transpose().ok()?,
        zones: line.timezones.iter().map(|zone| zone.parse()).collect::<Result<_, _>>().ok()?,
        priority: line.priority.parse().ok()?,
        dispatcher: line.dispatcher,
        run: line.run_id.parse().ok()?,
        started_at: DateTime::parse_from_rfc3339(&line.started_at).ok()?.to_utc(),
    })
}

/// Reads a lease file, which another process may hold. A symbolic link is not followed.
pub(super) fn read(path: &Path) -> io::Result<Mark> {
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0);
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Mark::Missing),
        opened => opened?,
    };
    let mut text = Vec::new();
    file.take(LARGEST).read_to_end(&mut text)?;
    Ok(match parsed(&text) {
        _ if text.is_empty() => Mark::Unstarted,
        Some(call) => Mark::Started(Box::new(call)),
        None => Mark::Nameless,
    })
}
