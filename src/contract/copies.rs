//! What `backup` and `restore` did.

use serde::Serialize;

use super::CallView;

/// A copy of the database that was made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BackupView {
    pub path: String,
    pub bytes: u64,
    pub items: u64,
}

/// A copy that was put back.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RestoreView<'a> {
    /// The copy.
    pub path: String,
    pub database: String,
    /// Where the database of before lies now; none when there was none.
    pub kept: Option<String>,
    /// The calls that the copy did not know: their items are held.
    pub calls: Vec<CallView<'a>>,
}
