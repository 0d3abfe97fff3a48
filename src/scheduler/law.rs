//! Rules of law as the schedule asks them: hours by the clock of the called person, found by the regions of a lead. What
//! the rules say, `compliance` knows.

use std::any::Any;
use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;

use super::hours::WeeklyHours;
use super::policy::HoursPolicy;
use super::reading::{Clause, Reading, Verdict};
use super::zone::{UnknownZone, Zone, lead_zones};
use crate::model::{LeadPlace, RegionCode};

/// A rule of law that speaks of hours.
pub trait LegalRule: Any + Clause + Debug + Send + Sync {
    fn id(&self) -> &str;

    /// The law or the person that the rule is from.
    fn citation(&self) -> &str;

    /// Whether its last day in force has passed, so that nobody needs to hear of it.
    fn has_ended(&self, _: Reading) -> bool {
        false
    }

    /// How it limits the hours of a date, such as `closes Sundays`, after its name in a sentence.
    fn limits(&self, reading: Reading) -> String;
}

/// The rules of law of one place that speak of hours.
pub type RulesOfPlace = Arc<[Arc<dyn LegalRule>]>;

/// The rules of law that a client is held to.
pub trait LegalRules: Any + Debug + Send + Sync {
    /// Those that speak of hours in one of these regions, by name; without a region those that hold everywhere.
    fn hours_in(&self, regions: &[RegionCode]) -> RulesOfPlace;

    /// Whether leads without a known region are not called.
    fn block_unknown_places(&self) -> bool;

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
            fn hours_in(&self, _: &[RegionCode]) -> RulesOfPlace {
                Arc::new([])
            }

            fn block_unknown_places(&self) -> bool {
                false
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
    is_blocked: bool,
}

impl LegalPlace {
    /// The place of a lead under the rules of a client.
    ///
    /// # Errors
    /// The first zone that the zone data does not know.
    pub fn of(policy: &HoursPolicy, place: &LeadPlace) -> Result<LegalPlace, UnknownZone> {
        let zones = lead_zones(&place.zones)?;
        let is_blocked = place.regions.is_empty() && policy.rules.block_unknown_places();
        Ok(LegalPlace { is_blocked, ..LegalPlace::with_rules(zones, policy.rules.hours_in(&place.regions)) })
    }

    /// The client's own clock, with the rules that hold everywhere.
    pub fn home(policy: &HoursPolicy) -> LegalPlace {
        LegalPlace::with_rules(Vec::new(), policy.rules.hours_in(&[]))
    }

    /// Clocks alone, where no rule of law is asked; none means the client's.
    pub fn without_rules(zones: Vec<Zone>) -> LegalPlace {
        LegalPlace::with_rules(zones, Arc::new([]))
    }

    /// Clocks with rules that are at hand.
    pub fn with_rules(zones: Vec<Zone>, rules: RulesOfPlace) -> LegalPlace {
        LegalPlace { zones, rules, is_blocked: false }
    }

    /// Whether no region is known, and the client calls nobody then.
    pub fn is_blocked(&self) -> bool {
        self.is_blocked
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

/// What a rule of law says of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawAnswer {
    pub id: String,
    /// The law or the person that the rule is from.
    pub citation: String,
    /// How it limits the hours, such as `closes Sundays`.
    pub limits: String,
}

impl LawAnswer {
    pub(super) fn of(law: &dyn LegalRule, reading: Reading) -> LawAnswer {
        LawAnswer { id: law.id().to_owned(), citation: law.citation().to_owned(), limits: law.limits(reading) }
    }
}
