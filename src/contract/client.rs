//! A client as `callq client list` shows it.

use serde::Serialize;

use super::encode;
use crate::model::ClientId;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ClientView {
    #[serde(serialize_with = "encode::client")]
    pub client_id: ClientId,
    /// Whether the configuration has a section of it.
    pub configured: bool,
    pub waiting: u64,
    pub in_progress: u64,
    pub held: u64,
    /// Completed, failed and cancelled items, with those held.
    pub finished: u64,
}
