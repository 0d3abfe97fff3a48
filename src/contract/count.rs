//! How many there are of what was asked for.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct CountView {
    pub count: u64,
}
