//! Fixed data for the tests of this layer and of those that render it.

use chrono::{DateTime, Utc};

use crate::model::LeadPlace;
use crate::model::{Item, ItemId, Priority, Status};

/// What [`item`] 1 is as JSON, called next at 14:30 on the 23rd.
pub(crate) const ITEM_JSON: &str = concat!(
    r#"{"id":1,"key":"order-7","client_id":"acme","lead_id":"lead-1","priority":"high","status":"retry_scheduled","#,
    r#""held":false,"scheduled_at":"2026-11-23T14:30:00.000Z","next_call_at":"2026-11-23T14:30:00.000Z","#,
    r#""blocked_by":null,"expires_at":"2026-12-01T00:00:00.000Z","retry_count":1,"max_retries":3,"attempts":1,"#,
    r#""phone":"+12125554567","timezones":["America/New_York","America/Chicago"],"region":null,"#,
    r#""zones":["America/New_York","America/Chicago"],"regions":[],"evidence":"given","metadata":{"name": "Zoë"},"#,
    r#""last_reason":"no_answer","#,
    r#""created_at":"2026-11-22T10:00:00.000Z","created_by":"ops","updated_at":"2026-11-22T11:00:00.000Z","callback":null}"#,
);

/// What [`bare_item`] 2 is as JSON, called next at 14:30 on the 23rd.
pub(crate) const BARE_ITEM_JSON: &str = concat!(
    r#"{"id":2,"key":null,"client_id":"acme","lead_id":"=HYPERLINK(\"x\")","priority":"normal","status":"pending","#,
    r#""held":false,"scheduled_at":"2026-11-22T10:00:00.000Z","next_call_at":"2026-11-23T14:30:00.000Z","#,
    r#""blocked_by":null,"expires_at":null,"retry_count":0,"max_retries":3,"attempts":0,"phone":null,"#,
    r#""timezones":[],"region":null,"zones":[],"regions":[],"evidence":"none","metadata":null,"last_reason":null,"#,
    r#""created_at":"2026-11-22T10:00:00.000Z","created_by":"ops","#,
    r#""updated_at":"2026-11-22T10:00:00.000Z","callback":null}"#,
);

/// An instant of RFC 3339.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An item with every field.
pub(crate) fn item(id: i64) -> Item {
    Item {
        id: ItemId::from_row(id).unwrap(),
        key: Some("order-7".parse().unwrap()),
        client: "acme".parse().unwrap(),
        lead: "lead-1".parse().unwrap(),
        priority: Priority::High,
        status: Status::RetryScheduled,
        held: false,
        scheduled_at: at("2026-11-23T14:30:00Z"),
        asked_at: None,
        promise: None,
        not_before: None,
        blocked_by: None,
        expires_at: Some(at("2026-12-01T00:00:00Z")),
        counted_attempts: 2,
        no_retry: false,
        max_retries: 3,
        attempts: 1,
        phone: Some("+12125554567".parse().unwrap()),
        region: None,
        place: LeadPlace::of_zones(vec!["America/New_York".parse().unwrap(), "America/Chicago".parse().unwrap()])
            .into(),
        metadata: Some(r#"{"name": "Zoë"}"#.parse().unwrap()),
        last_reason: Some("no_answer".into()),
        created_at: at("2026-11-22T10:00:00Z"),
        created_by: "ops".into(),
        updated_at: at("2026-11-22T11:00:00Z"),
    }
}

/// An item with nothing that may be absent, and a lead that a spreadsheet would run.
pub(crate) fn bare_item(id: i64) -> Item {
    Item {
        key: None,
        lead: r#"=HYPERLINK("x")"#.parse().unwrap(),
        priority: Priority::Normal,
        status: Status::Pending,
        scheduled_at: at("2026-11-22T10:00:00Z"),
        expires_at: None,
        counted_attempts: 0,
        no_retry: false,
        attempts: 0,
        phone: None,
        region: None,
        place: Default::default(),
        metadata: None,
        last_reason: None,
        updated_at: at("2026-11-22T10:00:00Z"),
        ..item(id)
    }
}
