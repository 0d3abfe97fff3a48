//! What the configuration says about the law of a client's calls.

use chrono::TimeDelta;

use super::CapLimit;

/// The keys of `[defaults.law]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct LawPolicy {
    /// Calls to one number, on top of what the rules say.
    pub caps: Vec<CapLimit>,
    /// After a call to a number, no call to it for another item of the client; zero is off.
    pub number_rest: TimeDelta,
}
