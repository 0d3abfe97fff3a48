//! An event as its receivers read it: a CloudEvents 1.0 object in one line of JSON.

use std::fs;
use std::path::Path;

use crate::contract::{AttemptView, CloudEventView, DncEntryView, EventDataView, ItemView};
use crate::model::{Attempt, EventType, Item, OutboxEvent};
use crate::store::{Store, StoreResult};

/// An event that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// The same however often the event is sent.
    pub(super) id: String,
    /// JSON on one line.
    pub(super) body: Vec<u8>,
}

/// The queue as a URI: `callq:` and the path of its file.
pub(super) fn source(database: &Path) -> String {
    let path = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let mut source = "callq:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => source.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => source.push(char::from(*byte)),
            byte => source.push_str(&format!("%{byte:02X}")),
        }
    }
    source
}

/// The message of an event. An older copy of the database gives numbers again, so that its instant is part of the id.
pub(super) fn message(store: &Store, event: &OutboxEvent, source: &str) -> StoreResult<Message> {
    let id = format!("{}-{}", event.at.timestamp_millis(), event.id);
    let moment = event.item.as_ref();
    let now = moment.map(|moment| store.item(moment.id)).transpose()?.flatten();
    // Another lead may have got the number since an older copy was put back.
    let now = now.filter(|item| moment.is_some_and(|moment| moment.lead == item.lead));
    let item: Option<Item> = moment.zip(now).map(|(moment, now)| moment.applied_to(now, event.at));
    let call = event.attempt.map(|attempt| store.call(attempt)).transpose()?.flatten();
    let by = event.by.clone().or_else(|| call.as_ref().and_then(|call| call.by.clone()));
    let dispatcher = event.attempt.map(|attempt| store.dispatcher_of(attempt)).transpose()?.flatten();
    let attempt = call.map(|call| attempt_then(event, call.attempt));
    let view = CloudEventView {
        specversion: "1.0",
        id: &id,
        source,
        kind: format!("callq.{}", event.kind),
        time: event.at,
        subject: subject(event),
        datacontenttype: "application/json",
        data: EventDataView {
            client_id: event.client.clone(),
            item_id: moment.map(|moment| moment.id.get()),
            lead_id: moment.map(|moment| moment.lead.as_str()),
            attempt_id: event.attempt.map(|attempt| attempt.to_string()),
            run_id: event.run.or(attempt.as_ref().map(|attempt| attempt.run)).map(|run| run.to_string()),
            dispatcher: dispatcher.as_deref(),
            by: by.as_deref(),
            reason: event.reason.as_deref(),
            changed: &event.changed,
            // The slot that it was given then.
            item: item
                .as_ref()
                .map(|item| ItemView::new(item, item.status.is_waiting().then_some(item.scheduled_at), event.at)),
            attempt: attempt.as_ref().map(AttemptView::new),
            entry: event.entry.as_deref().map(DncEntryView::from),
        },
    };
    // The serializer can only fail on maps with odd keys and on failing writers; there is neither.
    Ok(Message { body: serde_json::to_vec(&view).unwrap_or_default(), id })
}

/// What an event is about.
fn subject(event: &OutboxEvent) -> String {
    match (&event.item, &event.entry, &event.client) {
        (Some(item), ..) => format!("item/{}", item.id),
        (None, Some(entry), _) => format!("number/{}", entry.new.pattern),
        (None, None, Some(client)) => format!("client/{client}"),
        (None, None, None) => "queue".to_owned(),
    }
}

/// The attempt as it was at the event.
fn attempt_then(event: &OutboxEvent, now: Attempt) -> Attempt {
    if event.kind == EventType::CallStarted {
        let (finished_at, outcome, reason, reached) = (None, None, None, None);
        let (call_id, duration_ms, detail, metadata) = (None, None, None, None);
        return Attempt { finished_at, outcome, reason, reached, call_id, duration_ms, detail, metadata, ..now };
    }
    match event.outcome {
        // A person has settled it since.
        Some(outcome) if now.outcome != Some(outcome) => {
            Attempt { outcome: Some(outcome), reason: event.reason.clone(), reached: None, ..now }
        }
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_a_uri() {
        assert_eq!(source(Path::new("/no such/Größe.db")), "callq:/no%20such/Gr%C3%B6%C3%9Fe.db");
    }
}
