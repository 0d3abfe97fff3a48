//! An item whose key alone is left, in the shape of what `add` prints.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// What `add` found under the key of an item that was pruned since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PrunedView<'a> {
    /// The number that the item had.
    pub id: u64,
    pub key: &'a str,
    pub client_id: &'a str,
    pub lead_id: &'a str,
}

/// The fields of an item whose values are gone.
const FORGOTTEN: [&str; 22] = [
    "priority",
    "status",
    "held",
    "scheduled_at",
    "next_call_at",
    "blocked_by",
    "expires_at",
    "retry_count",
    "max_retries",
    "attempts",
    "phone",
    "timezones",
    "region",
    "zones",
    "regions",
    "evidence",
    "metadata",
    "last_reason",
    "created_at",
    "created_by",
    "updated_at",
    "callback",
];

impl Serialize for PrunedView<'_> {
    /// The fields of an added item: what is known, `null` for the rest.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FORGOTTEN.len() + 6))?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("key", self.key)?;
        map.serialize_entry("client_id", self.client_id)?;
        map.serialize_entry("lead_id", self.lead_id)?;
        for field in FORGOTTEN {
            map.serialize_entry(field, &())?;
        }
        map.serialize_entry("existing", &true)?;
        map.serialize_entry("recalled", &())?;
        map.end()
    }
}
