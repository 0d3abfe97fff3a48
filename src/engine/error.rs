//! What can end a run before its time.

use crate::store::StoreError;

/// A failure of a run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run that would place real calls was started under a clock that is not the machine's.
    #[error("refusing to dial for client {0} while CALLQ_NOW is set")]
    UnrealClock(String),
}

impl EngineError {
    /// Whether the same may succeed a little later, without anybody changing the command.
    pub fn may_pass(&self) -> bool {
        match self {
            EngineError::Store(source) => source.may_pass(),
            EngineError::UnrealClock(_) => false,
        }
    }
}
