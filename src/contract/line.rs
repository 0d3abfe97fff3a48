//! An item as JSON text, field by field into a buffer: the same bytes as its `Serialize` gives (a test holds them
//! together) in a fraction of the time, for `list --limit 0` over millions of items.

use std::io;

use chrono::{DateTime, Utc};

use super::encode::{on_one_line, with_instant};
use super::item::ItemView;
use crate::model::{RegionCode, ZoneName};

/// Appends the item as one JSON object without a line end.
///
/// # Errors
/// None from a buffer; text that JSON escapes passes through its serializer, which could say so.
pub(crate) fn write_item(item: &ItemView<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    number(br#"{"id":"#, item.id, out);
    optional_text(br#","key":"#, item.key, out)?;
    text(br#","client_id":"#, item.client_id.as_str(), out)?;
    text(br#","lead_id":"#, item.lead_id, out)?;
    text(br#","priority":"#, item.priority.as_str(), out)?;
    text(br#","status":"#, item.status.as_str(), out)?;
    out.extend_from_slice(if item.held { br#","held":true"# } else { br#","held":false"# });
    instant(br#","scheduled_at":"#, Some(item.scheduled_at), out);
    instant(br#","next_call_at":"#, item.next_call_at, out);
    optional_text(br#","blocked_by":"#, item.blocked_by, out)?;
    instant(br#","expires_at":"#, item.expires_at, out);
    number(br#","retry_count":"#, item.retry_count.into(), out);
    number(br#","max_retries":"#, item.max_retries.into(), out);
    number(br#","attempts":"#, item.attempts.into(), out);
    optional_text(br#","phone":"#, item.phone, out)?;
    names(br#","timezones":["#, item.timezones.iter().map(ZoneName::as_str), out)?;
    optional_text(br#","region":"#, item.region, out)?;
    names(br#","zones":["#, item.zones.iter().map(ZoneName::as_str), out)?;
    names(br#","regions":["#, item.regions.iter().map(RegionCode::as_str), out)?;
    text(br#","evidence":"#, item.evidence, out)?;
    out.extend_from_slice(br#","metadata":"#);
    match item.metadata {
        Some(metadata) => out.extend_from_slice(on_one_line(metadata.as_str()).as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
    optional_text(br#","last_reason":"#, item.last_reason, out)?;
    instant(br#","created_at":"#, Some(item.created_at), out);
    text(br#","created_by":"#, item.created_by, out)?;
    instant(br#","updated_at":"#, Some(item.updated_at), out);
    match item.callback {
        None => out.extend_from_slice(br#","callback":null}"#),
        Some(callback) => {
            instant(br#","callback":{"at":"#, Some(callback.at), out);
            instant(br#","until":"#, Some(callback.until), out);
            let missed: &[u8] = if callback.missed { br#","missed":true}}"# } else { br#","missed":false}}"# };
            out.extend_from_slice(missed);
        }
    }
    Ok(())
}

fn number(name: &[u8], value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    let mut place = 1;
    while value / place >= 10 {
        place *= 10;
    }
    while place > 0 {
        out.push(b'0' + (value / place % 10) as u8);
        place /= 10;
    }
}

fn instant(name: &[u8], value: Option<DateTime<Utc>>, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    match value {
        Some(value) => with_instant(value, |text| {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }),
        None => out.extend_from_slice(b"null"),
    }
}

fn optional_text(name: &[u8], value: Option<&str>, out: &mut Vec<u8>) -> io::Result<()> {
    match value {
        Some(value) => text(name, value, out),
        None => {
            out.extend_from_slice(name);
            out.extend_from_slice(b"null");
            Ok(())
        }
    }
}

fn text(name: &[u8], value: &str, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(name);
    // Looks at every byte without stopping, which the compiler turns into wide instructions.
    let escaped = value.bytes().fold(false, |found, byte| found | (byte < 0x20) | (byte == b'"') | (byte == b'\\'));
    if escaped {
        serde_json::to_writer(out, value)?;
    } else {
        out.push(b'"');
        out.extend_from_slice(value.as_bytes());
        out.push(b'"');
    }
    Ok(())
}

fn names<'n>(label: &[u8], names: impl Iterator<Item = &'n str>, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(label);
    for (index, name) in names.enumerate() {
        text(if index == 0 { b"" } else { b"," }, name, out)?;
    }
    out.push(b']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contract::sample;
    use crate::model::{self, Gate, Priority, Promise, Status};

    /// Free text with what JSON escapes among its letters.
    fn any_text() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof![
                any::<char>(),
                Just('"'),
                Just('\\'),
                Just('\n'),
                Just('\u{7f}'),
                proptest::char::range('a', 'z')
            ],
            0..12,
        )
        .prop_map(|letters| letters.into_iter().collect())
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_the_serializer(
            (id, retries, attempts) in (1..=i64::MAX, any::<u32>(), any::<u32>()),
            (reason, by, lead) in (proptest::option::of(any_text()), any_text(), any_text()),
            millis in -62_135_596_800_000_i64..253_402_300_800_000,
            (expires, next) in (proptest::option::of(0..4_102_444_800_000_i64), proptest::option::of(0..4_102_444_800_000_i64)),
            (priority, status, held) in (0..4_usize, 0..7_usize, any::<bool>()),
            full in any::<bool>(),
        ) {
            let mut item = if full { sample::item(id) } else { sample::bare_item(id) };
            item.counted_attempts = retries;
            item.attempts = attempts;
            item.last_reason = reason;
            item.created_by = by;
            item.created_at = model::from_millis(millis).unwrap();
            item.expires_at = expires.and_then(model::from_millis);
            item.priority = Priority::ALL[priority];
            item.status = Status::ALL[status];
            item.held = held;
            item.blocked_by = Some(Gate::NumberInUse).filter(|_| held);
            item.promise = expires.and_then(model::from_millis).map(|until| Promise { until, missed_at: None });
            if let Ok(lead) = lead.parse() {
                item.lead = lead;
            }
            let now = model::from_millis(2_051_000_000_000).unwrap();
            let view = ItemView::new(&item, next.and_then(model::from_millis), now);
            let mut bytes = Vec::new();
            write_item(&view, &mut bytes).unwrap();
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), serde_json::to_string(&view).unwrap());
        }
    }
}
