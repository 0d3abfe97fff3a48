//! Calls and changes with the item that they belong to, as rows of a queue and not of one item.

use super::{Attempt, Change, ClientId, ItemId, LeadId};

/// A call of any item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    pub attempt: Attempt,
    pub item: ItemId,
    pub client: ClientId,
    pub lead: LeadId,
    /// The number that was dialled, as it is stored.
    pub phone: Option<String>,
    /// Who ran it; none when its run is pruned.
    pub by: Option<String>,
}

/// A change of any item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// Grows from change to change.
    pub number: i64,
    pub change: Change,
    pub item: ItemId,
    pub client: ClientId,
    pub lead: LeadId,
}
