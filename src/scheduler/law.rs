//! Rules of law as the schedule asks them: hours by the clock of the called person, found by the regions of a lead. What
//! the rules say, `compliance` knows.

use std::any::Any;
use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;

use super::hours::WeeklyHours;
use super::policy::HoursPolicy;
use super::reading::{Clause, Reading, Verdict};
use super::zone::Zone;

/// A rule of law that speaks of hours.
pub trait LegalRule: Any + Clause + Debug + Send + Sync {
    fn id(&self) -> &str;

    /// The law or the person that the rule is from.
    fn citation(&self) -> &str;

    /// How it limits the hours of a date, such as `closes Sundays`, after its name in a sentence.
    fn limits(&self, reading: Reading) -> String;
}

/// The rules of law of one place that speak of hours.
pub type RulesOfPlace = Arc<[Arc<dyn LegalRule>]>;

/// The rules of law that a client is held to.
pub trait LegalRules: Any + Debug + Send + Sync {
    /// Those that speak of hours in one of these regions, by name; without a region those that hold everywhere.
    fn hours_in(&self, regions: &[&str]) -> RulesOfPlace;

    fn same_as(&self, other: &dyn LegalRules) -> bool;
}

/// The rules of law of a client, as its policy holds them.
#[derive(Debug, Clone)]
pub struct ClientRules(Arc<dyn LegalRules>);

impl ClientRules {
    pub fn new(rules: impl LegalRules) -> ClientRules {
        ClientRules(Arc::new(rules))
    }

    /// The rules as what they are; `None` when they are something else.
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

/// Where a lead is called: the clocks, and the rules of law that hold there. There is no slot without one, so that no
/// search can leave the rules out.
#[derive(Debug, Clone)]
pub struct LegalPlace {
    zones: Vec<Zone>,
    rules: RulesOfPlace,
}

impl LegalPlace {
    /// The place of zones and regions under the rules of a client. No zone means the client's.
    pub fn new(policy: &HoursPolicy, zones: Vec<Zone>, regions: &[&str]) -> LegalPlace {
        LegalPlace { zones, rules: policy.rules.hours_in(regions) }
    }

    /// Clocks alone, where no rule of law is asked: the hours of a client itself.
    pub fn without_rules(zones: Vec<Zone>) -> LegalPlace {
        LegalPlace { zones, rules: Arc::new([]) }
    }

    /// Clocks with rules that are at hand.
    pub fn with_rules(zones: Vec<Zone>, rules: RulesOfPlace) -> LegalPlace {
        LegalPlace { zones, rules }
    }

    /// The zones as they are known; none means the client's.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    pub fn rules(&self) -> &[Arc<dyn LegalRule>] {
        &self.rules
    }

    /// The zones whose clocks are read.
    pub(super) fn clocks<'a>(&'a self, policy: &'a HoursPolicy) -> &'a [Zone] {
        if self.zones.is_empty() { std::slice::from_ref(&policy.zone) } else { &self.zones }
    }
}

/// The calling hours of a client and the rules of law of a place as one clause: all must allow a call.
#[derive(Debug, Clone, Copy)]
pub struct LegalClause<'a> {
    pub calling: &'a WeeklyHours,
    pub rules: &'a [Arc<dyn LegalRule>],
}

impl Clause for LegalClause<'_> {
    /// Closed as long as one of the rules stays closed, open as long as all stay open.
    fn at(&self, reading: Reading) -> Verdict {
        let rules = self.rules.iter().map(|rule| rule.at(reading));
        rules.fold(self.calling.at(reading), |all, rule| match (all.open, rule.open) {
            (true, true) => Verdict { open: true, until: all.until.min(rule.until) },
            (true, false) => rule,
            (false, true) => all,
            (false, false) => Verdict { open: false, until: all.until.max(rule.until) },
        })
    }
}
