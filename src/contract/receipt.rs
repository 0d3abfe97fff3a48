//! Receipts: what was asked and answered when a call began.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::{ClientId, Outcome, RegionCode, ZoneName};

/// The receipt of a call.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiptView {
    /// The item.
    pub id: u64,
    #[serde(serialize_with = "encode::client")]
    pub client_id: ClientId,
    pub lead_id: String,
    /// The number that was dialled.
    pub phone: Option<String>,
    pub attempt_id: String,
    /// 1 for the item's first attempt.
    pub number: u32,
    #[serde(serialize_with = "encode::instant")]
    pub started_at: DateTime<Utc>,
    #[serde(serialize_with = "encode::optional_outcome")]
    pub outcome: Option<Outcome>,
    pub reason: Option<String>,
    pub reached: Option<&'static str>,
    pub purpose: Option<&'static str>,
    pub voice: Option<&'static str>,
    /// What it was asked under; none where nothing was kept.
    pub context: Option<ReceiptContext>,
    /// Every rule that held, by id, and behind them the client's own calling hours and caps.
    pub rows: Vec<ReceiptRow>,
    /// The consent that opened it.
    pub consent: Option<ReceiptConsent>,
    /// Whether an entry of the do-not-call list closed the number.
    pub listed: bool,
    pub registries: Vec<ReceiptRegistry>,
    /// How many calls to the number counted for a cap.
    pub cap_count: Option<u32>,
    /// What differs when it is computed again from what is stored; none when that was not asked.
    pub differences: Option<Vec<String>>,
}

/// The versions of everything that decided, and the place.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiptContext {
    pub program: String,
    pub zone_data: String,
    pub numbers: String,
    /// `builtin 2026-11-28`, or `off`.
    pub rules_version: String,
    /// The SHA-256 of the rules.
    pub rules: String,
    /// The SHA-256 of the policy.
    pub policy: String,
    #[serde(serialize_with = "encode::zones")]
    pub zones: Vec<ZoneName>,
    #[serde(serialize_with = "encode::regions")]
    pub regions: Vec<RegionCode>,
    pub evidence: &'static str,
    /// The beginning of the number that told the place.
    pub prefix: Option<&'static str>,
}

/// What one rule said.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiptRow {
    pub id: String,
    /// Whether its hours and its caps let the call begin.
    pub open: bool,
    /// Its hours by the clock of each zone; empty when it says nothing of them.
    pub hours: Vec<ReceiptHours>,
    pub caps: Vec<ReceiptCap>,
    /// What else it requires, as in its row.
    pub requires: Option<String>,
    pub citation: Option<String>,
}

/// The hours of a rule on the date of a call.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiptHours {
    pub zone: String,
    /// What the clock showed.
    pub local: String,
    /// The hours of that date: `08:00-20:00`; none when it is closed.
    pub window: Option<String>,
    pub open: bool,
}

/// What a cap counted.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiptCap {
    /// `3/24h:network:number`
    pub cap: String,
    /// The calls before this one.
    pub counted: usize,
    /// How many it allows; none for a rest.
    pub most: Option<u32>,
    pub hours: u32,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiptConsent {
    pub kind: &'static str,
    #[serde(serialize_with = "encode::instant")]
    pub at: DateTime<Utc>,
    pub proof: Option<String>,
}

/// A copy of a registry that was asked.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiptRegistry {
    pub name: String,
    pub as_of: String,
    pub generation: i64,
    /// What it covers, as `dnc import --covers` takes it; none when the copy is forgotten.
    pub covers: Option<Vec<String>>,
    /// How old it was.
    pub age_days: i64,
}
