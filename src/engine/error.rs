//! What can end a run before its time.

use crate::model::to_text;
use crate::store::{Conclusion, Finish, StoreError};

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

impl EngineError {
    /// The outcomes that could not be written, for a person to keep.
    pub(super) fn not_written(source: StoreError, finishes: &[Finish]) -> EngineError {
        let outcomes: Vec<String> = finishes
            .iter()
            .map(|finish| {
                serde_json::json!({
                    "attempt_id": finish.attempt.to_string(),
                    "id": finish.item.get(),
                    "outcome": finish.result.outcome.as_str(),
                    "reason": finish.result.reason,
                    "call_id": finish.result.call_id,
                    "finished_at": to_text(finish.finished_at),
                    "accepted": matches!(finish.conclusion, Conclusion::Accepted { .. }),
                })
                .to_string()
            })
            .collect();
        EngineError::OutcomesNotWritten { source, outcomes: outcomes.join("\n") }
    }

    /// Whether the same may succeed a little later, without anybody changing the command.
    pub fn may_pass(&self) -> bool {
        match self {
            EngineError::Store(source) | EngineError::OutcomesNotWritten { source, .. } => source.may_pass(),
            EngineError::UnrealClock(_) => false,
        }
    }
}
