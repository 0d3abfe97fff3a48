//! A phone number, read, and where it points to.

use serde::Serialize;

/// What `number` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NumberView<'a> {
    /// As given.
    pub written: &'a str,
    pub e164: &'a str,
    /// The longest beginning that the table of numbers knows.
    pub prefix: Option<&'a str>,
    pub zones: Vec<&'a str>,
    pub regions: Vec<&'a str>,
}
