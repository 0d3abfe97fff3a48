//! The placeholders of a dispatch command: where the lead's data enters its arguments.

use std::fmt;

/// A whole argument of `command` that stands for a value of the call. The program's own name cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The number to dial.
    Phone,
    LeadId,
    ClientId,
    ItemId,
    /// The attempt's id, the idempotency key.
    AttemptId,
    /// The attempt's number, from 1.
    Attempt,
    Priority,
    /// The caller's own name of the request.
    Key,
}

impl Placeholder {
    pub const ALL: [Placeholder; 8] = [
        Placeholder::Phone,
        Placeholder::LeadId,
        Placeholder::ClientId,
        Placeholder::ItemId,
        Placeholder::AttemptId,
        Placeholder::Attempt,
        Placeholder::Priority,
        Placeholder::Key,
    ];

    /// The argument that it is, braces included.
    pub fn as_str(self) -> &'static str {
        match self {
            Placeholder::Phone => "{phone}",
            Placeholder::LeadId => "{lead_id}",
            Placeholder::ClientId => "{client_id}",
            Placeholder::ItemId => "{item_id}",
            Placeholder::AttemptId => "{attempt_id}",
            Placeholder::Attempt => "{attempt}",
            Placeholder::Priority => "{priority}",
            Placeholder::Key => "{key}",
        }
    }

    /// The placeholder that an argument is as a whole.
    pub fn find(argument: &str) -> Option<Placeholder> {
        Placeholder::ALL.into_iter().find(|placeholder| argument == placeholder.as_str())
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_a_whole_argument() {
        for placeholder in Placeholder::ALL {
            assert_eq!(Placeholder::find(placeholder.as_str()), Some(placeholder));
        }
        for argument in ["phone", "tel:{phone}", "{phone} ", "{Phone}", "{}", ""] {
            assert_eq!(Placeholder::find(argument), None, "{argument}");
        }
    }
}
