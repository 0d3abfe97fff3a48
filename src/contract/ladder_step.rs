//! The calls of a retry ladder.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::ClientId;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LadderStepView {
    /// The client; none for clients without a section.
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    /// Why the call before it failed; none for every reason without delays of its own.
    pub reason: Option<String>,
    /// 2 is the first retry.
    pub call: u32,
    /// After the call before it.
    pub delay_minutes: f64,
    #[serde(serialize_with = "encode::instant")]
    pub due_at: DateTime<Utc>,
    /// The first instant from then on in the client's hours; none for never.
    #[serde(serialize_with = "encode::optional_instant")]
    pub call_at: Option<DateTime<Utc>>,
}
