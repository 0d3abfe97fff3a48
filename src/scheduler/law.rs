//! Rules of law as the schedule asks them: hours by the clock of the called person, found by the regions of a lead. What
//! the rules say, `compliance` knows.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use super::Clause;

/// A rule of law that speaks of hours.
pub trait LegalRule: Clause + Debug + Send + Sync {
    /// Its name.
    fn id(&self) -> &str;

    /// The law.
    fn citation(&self) -> &str;
}

/// The rules of law of one place.
pub type RulesOfPlace = Arc<[Arc<dyn LegalRule>]>;

/// The rules of law that a client is held to.
pub trait LegalRules: Any + Debug + Send + Sync {
    /// Those that speak of hours in one of these regions, by name; without a region those that hold everywhere.
    fn hours_in(&self, regions: &[&str]) -> RulesOfPlace;

    /// Whether the others are the same.
    fn same_as(&self, other: &dyn LegalRules) -> bool;
}

impl PartialEq for dyn LegalRules {
    fn eq(&self, other: &dyn LegalRules) -> bool {
        self.same_as(other)
    }
}
