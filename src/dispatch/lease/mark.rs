//! What stands in a lease file: nothing before the call is started, then the call, as one line of JSON.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use chrono::DateTime;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::model::{LeadPlace, StartedCall, to_text};

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
    /// The zones that were given. Version 0.1 wrote no more of the place.
    timezones: Vec<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    zones: Vec<String>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    evidence: Option<String>,
    priority: String,
    dispatcher: String,
    run_id: String,
    started_at: String,
}

pub(super) fn line(call: &StartedCall) -> Vec<u8> {
    let line = Line {
        attempt_id: call.attempt.to_string(),
        attempt: call.number,
        item_id: call.item.to_string(),
        client_id: call.client.to_string(),
        lead_id: call.lead.to_string(),
        phone: call.phone.as_ref().map(ToString::to_string),
        timezones: texts(call.place.given_zones()),
        region: call.region.as_ref().map(ToString::to_string),
        zones: texts(&call.place.zones),
        regions: texts(&call.place.regions),
        evidence: Some(call.place.evidence.to_string()),
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

fn texts(names: &[impl ToString]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn all<T: FromStr>(texts: &[String]) -> Option<Vec<T>> {
    texts.iter().map(|text| text.parse().ok()).collect()
}

fn place(line: &Line) -> Option<LeadPlace> {
    match &line.evidence {
        Some(evidence) => {
            Some(LeadPlace { zones: all(&line.zones)?, regions: all(&line.regions)?, evidence: evidence.parse().ok()? })
        }
        None => all(&line.timezones).map(LeadPlace::of_zones),
    }
}

fn parsed(text: &[u8]) -> Option<StartedCall> {
    let line: Line = serde_json::from_slice(text).ok()?;
    let place = Arc::new(place(&line)?);
    Some(StartedCall {
        attempt: line.attempt_id.parse().ok()?,
        number: line.attempt,
        item: line.item_id.parse().ok()?,
        client: line.client_id.parse().ok()?,
        lead: line.lead_id.parse().ok()?,
        phone: line.phone.map(|phone| phone.parse()).transpose().ok()?,
        place,
        region: line.region.map(|region| region.parse()).transpose().ok()?,
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
