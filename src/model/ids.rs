//! The names of rows: item numbers, attempt and run identifiers.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The number of an item, 1 and up, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(NonZeroU64);

impl ItemId {
    /// The lowest number that an item can have.
    pub const FIRST: ItemId = ItemId(NonZeroU64::MIN);

    /// The highest number that an item can have: where an open range ends.
    pub const LAST: ItemId = ItemId(NonZeroU64::MIN.saturating_add(i64::MAX as u64 - 1));

    /// The id of a stored row; `None` for a number that no row can have.
    pub fn from_row(row: i64) -> Option<ItemId> {
        u64::try_from(row).ok().and_then(NonZeroU64::new).map(ItemId)
    }

    /// The row number, which fits an SQLite integer.
    pub fn row(self) -> i64 {
        i64::try_from(self.0.get()).unwrap_or(i64::MAX)
    }

    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The message for a text that is no item id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an item id: expected a whole number from 1 up")]
pub struct InvalidItemId(String);

impl FromStr for ItemId {
    type Err = InvalidItemId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let row = if digits { text.parse::<i64>().ok() } else { None };
        row.and_then(ItemId::from_row).ok_or_else(|| InvalidItemId(text.to_owned()))
    }
}

/// A UUIDv7 made of an instant and 10 random bytes (RFC 9562, section 5.7), so that ids sort by time.
fn uuid_v7(now: DateTime<Utc>, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: sorts by `now`, unique by the 10 random bytes.
            pub fn new(now: DateTime<Utc>, random: [u8; 10]) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The id of 16 stored bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes that the database stores.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// The id of one attempt (UUIDv7), also the idempotency key towards the provider.
    AttemptId
}

impl AttemptId {
    /// The least id of all that begin at an instant or later: an id begins with its milliseconds.
    pub fn least_at(instant: DateTime<Utc>) -> AttemptId {
        let millis = u64::try_from(instant.timestamp_millis()).unwrap_or(0).min((1 << 48) - 1);
        AttemptId(Uuid::from_u128(u128::from(millis) << 80))
    }
}

uuid_id! {
    /// The id of one run (UUIDv7).
    RunId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_id_is_a_whole_number_from_one() {
        assert_eq!("42".parse::<ItemId>().unwrap().row(), 42);
        for text in ["0", "-1", "+1", "", "1.0", "abc", "9223372036854775808", "99999999999999999999"] {
            assert_eq!(text.parse::<ItemId>(), Err(InvalidItemId(text.into())));
        }
        assert_eq!("9223372036854775807".parse::<ItemId>().unwrap().row(), i64::MAX);
    }

    #[test]
    fn uuids_sort_by_time_and_parse_back() {
        let at = |ms| DateTime::<Utc>::from_timestamp_millis(ms).unwrap();
        let earlier = AttemptId::new(at(1_000), [0xff; 10]);
        let later = AttemptId::new(at(1_001), [0; 10]);
        assert!(earlier < later);
        assert_eq!(earlier.to_string().parse::<AttemptId>().unwrap(), earlier);
        assert_eq!(Uuid::from_bytes(*later.as_bytes()).get_version_num(), 7);
        assert!(earlier < AttemptId::least_at(at(1_001)) && AttemptId::least_at(at(1_001)) < later);
    }
}
