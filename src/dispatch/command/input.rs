//! What a program reads on its standard input: the call as one JSON object on one line.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::dispatch::call::Call;
use crate::model::{RegionCode, ZoneName, to_text};

#[derive(Serialize)]
struct Input<'call> {
    attempt_id: String,
    attempt: u32,
    item: ItemFields<'call>,
    client_id: &'call str,
    deadline: Option<String>,
}

/// The fields of an item, named as in the output of `callq show`.
#[derive(Serialize)]
struct ItemFields<'call> {
    id: u64,
    key: Option<&'call str>,
    client_id: &'call str,
    lead_id: &'call str,
    priority: &'static str,
    status: &'static str,
    held: bool,
    scheduled_at: String,
    /// Nothing is planned for an item whose call begins just now.
    next_call_at: Option<String>,
    blocked_by: Option<String>,
    expires_at: Option<String>,
    retry_count: u32,
    max_retries: u32,
    attempts: u32,
    phone: Option<&'call str>,
    timezones: Vec<&'call str>,
    region: Option<&'call str>,
    zones: Vec<&'call str>,
    regions: Vec<&'call str>,
    evidence: &'static str,
    metadata: Option<Box<RawValue>>,
    last_reason: Option<&'call str>,
    created_at: String,
    created_by: &'call str,
    updated_at: String,
    callback: Option<CallbackFields>,
}

/// The call that its person was promised.
#[derive(Serialize)]
struct CallbackFields {
    at: String,
    until: String,
    missed: bool,
}

/// The line that is written to the program, its newline included.
pub(super) fn input(call: &Call) -> Vec<u8> {
    let item = &call.item;
    let input = Input {
        attempt_id: call.attempt.to_string(),
        attempt: call.number,
        item: ItemFields {
            id: item.id.get(),
            key: item.key.as_ref().map(|key| key.as_str()),
            client_id: item.client.as_str(),
            lead_id: item.lead.as_str(),
            priority: item.priority.as_str(),
            status: item.status.as_str(),
            held: item.held,
            scheduled_at: to_text(item.scheduled_at),
            next_call_at: None,
            blocked_by: None,
            expires_at: item.expires_at.map(to_text),
            retry_count: item.retry_count(),
            max_retries: item.max_retries,
            attempts: item.attempts,
            phone: item.phone.as_ref().map(|phone| phone.as_str()),
            timezones: item.timezones().iter().map(ZoneName::as_str).collect(),
            region: item.region.as_ref().map(RegionCode::as_str),
            zones: item.place.zones.iter().map(ZoneName::as_str).collect(),
            regions: item.place.regions.iter().map(RegionCode::as_str).collect(),
            evidence: item.place.evidence.as_str(),
            metadata: item.metadata.as_ref().and_then(|metadata| one_line(metadata.as_str())),
            last_reason: item.last_reason.as_deref(),
            created_at: to_text(item.created_at),
            created_by: &item.created_by,
            updated_at: to_text(item.updated_at),
            callback: item.promise.map(|promise| CallbackFields {
                at: to_text(item.scheduled_at),
                until: to_text(promise.until),
                missed: item.has_missed_promise(call.started_at),
            }),
        },
        client_id: item.client.as_str(),
        deadline: call.started_at.checked_add_signed(call.settings.timeout).map(to_text),
    };
    // The serializer can only fail on maps with odd keys and on failing writers; there is neither.
    let mut line = serde_json::to_vec(&input).unwrap_or_default();
    line.push(b'\n');
    line
}

/// JSON text on one line. A line break in it stands between tokens, never within a string, so a blank does as well.
fn one_line(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.replace(['\n', '\r'], " ")).ok()
}
