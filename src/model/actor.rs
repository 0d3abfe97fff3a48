//! Who did something: the name that stands in `created_by` and in every change.

use std::fmt;

/// A user of this machine, or a run of callq itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The actor of a user name; control characters are dropped and an empty name reads `unknown`.
    pub fn named(name: &str) -> Actor {
        let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        Actor(if name.trim().is_empty() { "unknown".to_owned() } else { name })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
