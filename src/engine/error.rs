//! What can end a run before its time.

use crate::store::StoreError;

/// A failure of a run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Outcomes that could not be written, as JSON for a person to keep; their attempts stay open.
    #[error("{source}; these outcomes could not be written: {outcomes}")]
    OutcomesNotWritten {
        /// Why.
        source: StoreError,
        /// One JSON object for each outcome.
        outcomes: String,
    },
    /// A run that would place real calls was started under a clock that is not the machine's.
    #[error("client {0} would really be dialled, but CALLQ_NOW sets the clock")]
    UnrealClock(String),
}
