//! Items, their attempts and their changes as JSON shows them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::{
    Attempt, Change, ClientId, ConsentKind, Gate, Item, ItemKey, Metadata, Outcome, PhoneNumber, Priority, Purpose,
    Reached, RegionCode, Status, Voice, ZoneName,
};

/// An item. It borrows from the model, so that a million of them pass without being copied.
#[derive(Debug, Clone, Serialize)]
pub struct ItemView<'a> {
    pub id: u64,
    /// The caller's own name of it.
    pub key: Option<&'a str>,
    /// On whose behalf the call is placed.
    #[serde(serialize_with = "encode::client")]
    pub client_id: &'a ClientId,
    pub lead_id: &'a str,
    /// How pressing it is.
    #[serde(serialize_with = "encode::priority")]
    pub priority: Priority,
    #[serde(serialize_with = "encode::status")]
    pub status: Status,
    /// Whether it failed because nobody can know how the last call ended.
    pub held: bool,
    /// The earliest instant at which it may be called.
    #[serde(serialize_with = "encode::instant")]
    pub scheduled_at: DateTime<Utc>,
    /// The next instant at which it can be called, by the hours of now; none for never or finished.
    #[serde(serialize_with = "encode::optional_instant")]
    pub next_call_at: Option<DateTime<Utc>>,
    /// The closed gate that a run took it out of the queue for; none when no run did.
    pub blocked_by: Option<&'static str>,
    /// No attempt starts at or after this instant.
    #[serde(serialize_with = "encode::optional_instant")]
    pub expires_at: Option<DateTime<Utc>>,
    pub retry_count: u32,
    pub max_retries: u32,
    /// Attempts made, of every outcome.
    pub attempts: u32,
    /// The number to dial.
    pub phone: Option<&'a str>,
    /// The lead's zones, as given.
    #[serde(serialize_with = "encode::zones")]
    pub timezones: &'a [ZoneName],
    /// The lead's region, as given.
    pub region: Option<&'a str>,
    /// The zones on whose clocks it is called; none means the client's.
    #[serde(serialize_with = "encode::zones")]
    pub zones: &'a [ZoneName],
    /// The regions whose rules hold.
    #[serde(serialize_with = "encode::regions")]
    pub regions: &'a [RegionCode],
    /// Where the zones come from: `given`, `number`, `number+region`, `region` or `none`.
    pub evidence: &'static str,
    /// The JSON object that travels with it.
    #[serde(serialize_with = "encode::optional_metadata")]
    pub metadata: Option<&'a Metadata>,
    /// Why the last attempt or change ended as it did.
    pub last_reason: Option<&'a str>,
    /// When it was added.
    #[serde(serialize_with = "encode::instant")]
    pub created_at: DateTime<Utc>,
    pub created_by: &'a str,
    /// When it changed last.
    #[serde(serialize_with = "encode::instant")]
    pub updated_at: DateTime<Utc>,
    /// The call that its person was promised.
    pub callback: Option<CallbackView>,
}

/// A call that a person was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CallbackView {
    #[serde(serialize_with = "encode::instant")]
    pub at: DateTime<Utc>,
    /// The end of the window in which it comes before every other call.
    #[serde(serialize_with = "encode::instant")]
    pub until: DateTime<Utc>,
    /// Whether the window has passed uncalled.
    pub missed: bool,
}

impl CallbackView {
    /// The promise of an item as it stands at `now`.
    fn of(item: &Item, now: DateTime<Utc>) -> Option<CallbackView> {
        let promise = item.promise?;
        Some(CallbackView { at: item.scheduled_at, until: promise.until, missed: item.has_missed_promise(now) })
    }
}

impl<'a> ItemView<'a> {
    /// The view of an item at `now`, with the slot that the scheduler names for it.
    pub fn new(item: &'a Item, next_call_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> ItemView<'a> {
        ItemView {
            id: item.id.get(),
            key: item.key.as_ref().map(ItemKey::as_str),
            client_id: &item.client,
            lead_id: item.lead.as_str(),
            priority: item.priority,
            status: item.status,
            held: item.held,
            scheduled_at: item.scheduled_at,
            next_call_at,
            blocked_by: item.blocked_by.map(Gate::as_str),
            expires_at: item.expires_at,
            retry_count: item.retry_count(),
            max_retries: item.max_retries,
            attempts: item.attempts,
            phone: item.phone.as_ref().map(PhoneNumber::as_str),
            timezones: item.timezones(),
            region: item.region.as_ref().map(RegionCode::as_str),
            zones: &item.place.zones,
            regions: &item.place.regions,
            evidence: item.place.evidence.as_str(),
            metadata: item.metadata.as_ref(),
            last_reason: item.last_reason.as_deref(),
            created_at: item.created_at,
            created_by: &item.created_by,
            updated_at: item.updated_at,
            callback: CallbackView::of(item, now),
        }
    }
}

/// What `add` wrote, or found under a known key.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AddedView<'a> {
    #[serde(flatten)]
    pub item: ItemView<'a>,
    /// Whether it was there already, so that nothing changed.
    pub existing: bool,
    /// The earlier item whose call is not long ago, when the lead was queued nevertheless.
    pub recalled: Option<RecalledView>,
}

/// An earlier call of a lead or its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RecalledView {
    pub id: u64,
    pub lead_id: String,
    /// How the item ended: `completed` or `failed`.
    pub outcome: String,
    pub reason: Option<String>,
    #[serde(serialize_with = "encode::instant")]
    pub finished_at: DateTime<Utc>,
}

/// One attempt of an item.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AttemptView<'a> {
    /// Its UUIDv7, also the idempotency key.
    pub id: String,
    #[serde(flatten)]
    pub fields: AttemptFields<'a>,
    /// What else the dispatcher reported about the call: a JSON object.
    #[serde(serialize_with = "encode::optional_metadata")]
    pub metadata: Option<&'a Metadata>,
}

/// What `show` and `calls` both say of an attempt.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AttemptFields<'a> {
    /// 1 for the item's first attempt.
    pub number: u32,
    /// When it was put on disk, just before the call.
    #[serde(serialize_with = "encode::instant")]
    pub started_at: DateTime<Utc>,
    /// When its outcome was known.
    #[serde(serialize_with = "encode::optional_instant")]
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; none while the call runs.
    #[serde(serialize_with = "encode::optional_outcome")]
    pub outcome: Option<Outcome>,
    pub reason: Option<&'a str>,
    /// How far it came: `none`, `network`, `line` or `person`; none while nobody knows.
    pub reached: Option<&'static str>,
    /// What it was for: `sales`, `debt`, `service` or `health`; none when that was unset.
    pub purpose: Option<&'static str>,
    /// What spoke: `ai` or `human`.
    pub voice: Option<&'static str>,
    /// The kind of the consent that opened it.
    pub consent: Option<&'static str>,
    /// The provider's name for the call.
    pub call_id: Option<&'a str>,
    pub duration_ms: Option<u64>,
    /// The end of the dispatcher's standard error, or a note.
    pub detail: Option<&'a str>,
    /// The run that made it.
    pub run_id: String,
}

impl<'a> AttemptView<'a> {
    pub(crate) fn new(attempt: &'a Attempt) -> AttemptView<'a> {
        AttemptView {
            id: attempt.id.to_string(),
            fields: AttemptFields::new(attempt),
            metadata: attempt.metadata.as_ref(),
        }
    }
}

impl<'a> AttemptFields<'a> {
    pub(super) fn new(attempt: &'a Attempt) -> AttemptFields<'a> {
        AttemptFields {
            number: attempt.number,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            outcome: attempt.outcome,
            reason: attempt.reason.as_deref(),
            reached: attempt.reached.map(Reached::as_str),
            purpose: attempt.purpose.map(Purpose::as_str),
            voice: attempt.voice.map(Voice::as_str),
            consent: attempt.consent.map(ConsentKind::as_str),
            call_id: attempt.call_id.as_deref(),
            duration_ms: attempt.duration_ms,
            detail: attempt.detail.as_deref(),
            run_id: attempt.run.to_string(),
        }
    }
}

/// One change of an item.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChangeView<'a> {
    #[serde(serialize_with = "encode::instant")]
    pub at: DateTime<Utc>,
    pub by: &'a str,
    /// What changed: `status`, `priority`, …
    pub what: &'a str,
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
    /// Why, in the words of who did it.
    pub reason: Option<&'a str>,
}

impl<'a> ChangeView<'a> {
    pub(crate) fn new(change: &'a Change) -> ChangeView<'a> {
        ChangeView {
            at: change.at,
            by: &change.by,
            what: &change.what,
            from: change.from.as_deref(),
            to: change.to.as_deref(),
            reason: change.reason.as_deref(),
        }
    }
}

/// An item whole, as `show` gives it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ItemDetailView<'a> {
    #[serde(flatten)]
    pub item: ItemView<'a>,
    /// Every attempt, oldest first.
    pub history: Vec<AttemptView<'a>>,
    /// Every change, oldest first.
    pub changes: Vec<ChangeView<'a>>,
}

impl<'a> ItemDetailView<'a> {
    /// The whole view of an item.
    pub(crate) fn new(
        item: &'a Item,
        next_call_at: Option<DateTime<Utc>>,
        history: &'a [Attempt],
        changes: &'a [Change],
        now: DateTime<Utc>,
    ) -> ItemDetailView<'a> {
        ItemDetailView {
            item: ItemView::new(item, next_call_at, now),
            history: history.iter().map(AttemptView::new).collect(),
            changes: changes.iter().map(ChangeView::new).collect(),
        }
    }
}
