//! Rules of law as the schedule asks them: hours by the clock of the called person, found by the regions of a lead. What
//! the rules say, `compliance` knows.

use std::any::Any;
use std::fmt::Debug;
use std::ops::Deref;
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

/// The rules of law of a client, as its policy holds them.
#[derive(Debug, Clone)]
pub struct ClientRules(Arc<dyn LegalRules>);

impl ClientRules {
    /// Rules that many may ask.
    pub fn new(rules: impl LegalRules) -> ClientRules {
        ClientRules(Arc::new(rules))
    }

    /// The rules as what they are.
    pub fn downcast<T: LegalRules>(&self) -> Option<&T> {
        (&*self.0 as &dyn Any).downcast_ref()
    }
}

/// No rules at all.
impl Default for ClientRules {
    fn default() -> ClientRules {
        #[derive(Debug)]
        struct NoRules;

        impl LegalRules for NoRules {
            fn hours_in(&self, _: &[&str]) -> RulesOfPlace {
                Arc::new([])
            }

            fn same_as(&self, other: &dyn LegalRules) -> bool {
                (other as &dyn Any).is::<NoRules>()
            }
        }

        ClientRules::new(NoRules)
    }
}

impl Deref for ClientRules {
    type Target = dyn LegalRules;

    fn deref(&self) -> &dyn LegalRules {
        &*self.0
    }
}

impl PartialEq for ClientRules {
    fn eq(&self, other: &ClientRules) -> bool {
        self.0.same_as(&*other.0)
    }
}
