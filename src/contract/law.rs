//! Rules of law, and what they say of a number.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::ClientId;

/// A rule; its cells are as its row writes them, caps in hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RuleView {
    pub id: String,
    pub jurisdiction: String,
    pub window: Option<String>,
    pub holidays: Option<String>,
    pub caps: Vec<String>,
    pub requires: Option<String>,
    pub citation: String,
    pub as_of: String,
    pub confidence: Option<String>,
}

/// A rule whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RuleDetailView {
    #[serde(flatten)]
    pub rule: RuleView,
    pub applies_to: String,
    pub source_read: Option<String>,
    /// The first day in force.
    pub effective_from: Option<String>,
    /// The first day after.
    pub effective_to: Option<String>,
    /// `on` or `off`: one that is off is shown and never asked.
    pub default: &'static str,
    /// Why the configuration takes it out.
    pub off_reason: Option<String>,
    pub note: Option<String>,
}

/// What holds for a number, a region or a zone.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RulesForView {
    pub number: Option<String>,
    /// The beginning of the number that the table of numbers knows.
    pub prefix: Option<String>,
    pub region: Option<String>,
    pub zones: Vec<String>,
    pub regions: Vec<String>,
    pub evidence: &'static str,
    /// `null` when it is unset: the rules are those of sales.
    pub purpose: Option<&'static str>,
    pub voice: &'static str,
    #[serde(serialize_with = "encode::instant")]
    pub at: DateTime<Utc>,
    pub open: bool,
    pub closed_by: Vec<String>,
    #[serde(serialize_with = "encode::optional_instant")]
    pub next_open: Option<DateTime<Utc>>,
    pub rows: Vec<RuleView>,
    #[serde(skip)]
    pub client: Option<ClientId>,
    /// The hours of a week in which the client may call there, for people.
    #[serde(skip)]
    pub week: String,
    /// The client calls nobody whose place is unknown, as here; for people.
    #[serde(skip)]
    pub is_blocked: bool,
}
