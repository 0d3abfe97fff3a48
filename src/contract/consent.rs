//! Consents: what the persons of numbers allowed clients.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::encode;
use crate::model::{ClientId, Consent};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ConsentView {
    pub number: String,
    #[serde(serialize_with = "encode::client")]
    pub client_id: ClientId,
    pub kind: &'static str,
    #[serde(serialize_with = "encode::instant")]
    pub at: DateTime<Utc>,
    /// It ends then.
    #[serde(serialize_with = "encode::optional_instant")]
    pub until: Option<DateTime<Utc>>,
    pub proof: Option<String>,
    pub by: String,
    #[serde(serialize_with = "encode::optional_instant")]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl ConsentView {
    pub(crate) fn new(number: String, client_id: ClientId, consent: &Consent, by: String) -> ConsentView {
        ConsentView {
            number,
            client_id,
            kind: consent.new.kind.as_str(),
            at: consent.new.given_at,
            until: consent.new.until,
            proof: consent.new.proof.clone(),
            by,
            withdrawn_at: consent.withdrawn_at,
        }
    }
}

/// What an import or a withdrawal of consents did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ConsentCountView {
    pub added: u64,
    /// They stood before, and nothing was added.
    pub existing: u64,
    pub withdrawn: u64,
}
