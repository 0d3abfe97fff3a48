//! What a person or a script says of a call whose result the dispatcher did not bring.

use std::fmt;
use std::str::FromStr;

use super::{AttemptId, CallResult, ItemId};

/// Which attempt is meant: by item, by itself, or by the provider's name of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportTarget {
    /// The last attempt of this item.
    Item(ItemId),
    Attempt(AttemptId),
    /// The attempt whose call has this name.
    Call(String),
}

/// The message for a text that names no attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no call: expected an item id, an attempt id, or a call id without control characters")]
pub struct InvalidTarget(String);

impl FromStr for ReportTarget {
    type Err = InvalidTarget;

    /// A whole number is an item, a UUID an attempt, everything else a call id: also `+12125550101`, which may be a lead's
    /// phone number.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(item) = text.parse() {
            return Ok(ReportTarget::Item(item));
        }
        if let Ok(attempt) = text.parse() {
            return Ok(ReportTarget::Attempt(attempt));
        }
        let is_number = text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        if is_number || text.chars().any(char::is_control) {
            return Err(InvalidTarget(text.escape_debug().to_string()));
        }
        Ok(ReportTarget::Call(text.to_owned()))
    }
}

impl fmt::Display for ReportTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportTarget::Item(item) => write!(f, "call of item {item}"),
            ReportTarget::Attempt(attempt) => write!(f, "attempt {attempt}"),
            ReportTarget::Call(call) => write!(f, "call {call}"),
        }
    }
}

/// The result of one call, reported from outside of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReport {
    /// Whose result it is.
    pub target: ReportTarget,
    /// The result: of a person or a script `completed`, `retry` or `failed`; of a provider any but `accepted`.
    pub result: CallResult,
    /// How long the call took, in milliseconds, where the report says it.
    pub duration_ms: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_item_a_uuid_an_attempt_and_the_rest_a_call() {
        let attempt = "0193a5b8-7b4c-7000-8000-000000000001";
        let cases = [
            ("42", "call of item 42"),
            (attempt, "attempt 0193a5b8-7b4c-7000-8000-000000000001"),
            ("call_7af", "call call_7af"),
            ("+12125550101", "call +12125550101"),
        ];
        for (text, shown) in cases {
            assert_eq!(text.parse::<ReportTarget>().unwrap().to_string(), shown);
        }
        for text in ["", "0", "-3", "99999999999999999999", "a\u{1b}b"] {
            assert!(text.parse::<ReportTarget>().is_err(), "{text:?}");
        }
    }
}
