//! Why an input is not read at all, and the way out.

use std::fmt::Display;

use super::record::ReadError;

/// An input that is not read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system could not read it.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is not what it should be.
    #[error("{message}")]
    Refused {
        /// What is wrong, in lower case.
        message: String,
        /// The way out.
        hint: String,
    },
}

impl OpenError {
    pub(super) fn refused(message: impl Display, hint: impl Display) -> OpenError {
        OpenError::Refused { message: message.to_string(), hint: hint.to_string() }
    }
}
