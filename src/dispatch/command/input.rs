//! What a program reads on its standard input: the call as one JSON object on one line.

use serde::Serialize;

use crate::contract::ItemView;
use crate::dispatch::call::Call;
use crate::model::to_text;

#[derive(Serialize)]
struct Input<'call> {
    attempt_id: String,
    attempt: u32,
    item: ItemView<'call>,
    client_id: &'call str,
    deadline: Option<String>,
}

/// The line that is written to the program, its newline included.
pub(super) fn input(call: &Call) -> Vec<u8> {
    let item = &call.item;
    let input = Input {
        attempt_id: call.attempt.to_string(),
        attempt: call.number,
        // Nothing is planned for an item whose call begins just now, and nothing blocks it.
        item: ItemView { blocked_by: None, ..ItemView::new(item, None, call.started_at) },
        client_id: item.client.as_str(),
        deadline: call.started_at.checked_add_signed(call.settings.timeout).map(to_text),
    };
    // The serializer can only fail on maps with odd keys and on failing writers; there is neither.
    let mut line = serde_json::to_vec(&input).unwrap_or_default();
    line.push(b'\n');
    line
}
