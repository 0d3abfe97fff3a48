//! The rules of one client: those that come with the program and its own, read when they are asked first.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::kept_rows;
use super::region::Region;
use super::rule::Rule;
use super::rule_set::{RuleSet, RuleSetError};
use super::rule_text::{RuleText, shipped_rules_date};
use crate::model::{KeptText, LawPolicy, Purpose, RegionCode, ShippedRules, UnknownNumber, Voice};
use crate::scheduler::{LegalRule, LegalRules, Policy, RulesOfPlace};

/// The rules that the configuration of a client says it is held to.
#[derive(Debug, Default)]
pub struct RuleBook {
    law: LawPolicy,
    own: Vec<Arc<Rule>>,
    set: OnceLock<RuleSet>,
    /// Its rows as they are kept for receipts.
    kept: OnceLock<Arc<KeptText>>,
    /// By region: a claim asks for the same few places again and again.
    places: Mutex<HashMap<Vec<RegionCode>, PlaceRules>>,
}

/// The rules that hold in some regions.
#[derive(Debug, Clone)]
struct PlaceRules {
    of_hours: RulesOfPlace,
    with_caps: Arc<[Arc<Rule>]>,
    /// Those that require something, by id.
    demanding: Arc<[Arc<Rule>]>,
}

impl RuleBook {
    pub fn of(policy: &Policy) -> Option<&RuleBook> {
        policy.hours.rules.downcast()
    }

    /// A book of the shipped rules, unless they are off, and of rules of one's own. The shipped ones are not read yet.
    ///
    /// # Errors
    /// Two rules of one name, and a rule that is switched off although it does not exist, or without a reason.
    pub fn new(law: &LawPolicy, own: Vec<Arc<Rule>>) -> Result<RuleBook, RuleSetError> {
        // Names alone are compared here: most configurations have neither, and then nothing is read.
        for (place, rule) in own.iter().enumerate() {
            if RuleBook::ships(rule.id()) || own.iter().take(place).any(|other| other.id() == rule.id()) {
                return Err(RuleSetError::Twice(rule.id().to_owned()));
            }
        }
        for (id, reason) in &law.rules_off {
            if !RuleBook::ships(id) && !own.iter().any(|rule| rule.id() == id) {
                return Err(RuleSetError::UnknownOff(id.clone()));
            }
            if reason.trim().is_empty() {
                return Err(RuleSetError::NoReason(id.clone()));
            }
        }
        let (set, kept) = (OnceLock::new(), OnceLock::new());
        Ok(RuleBook { law: law.clone(), own, set, kept, places: Mutex::default() })
    }

    /// The book of the rows that were kept for a receipt.
    ///
    /// # Errors
    /// A row that is no rule, and two of one name.
    pub fn of_kept(law: &LawPolicy, text: &str) -> Result<RuleBook, RuleSetError> {
        let rows =
            kept_rows::rows_of(text).map(|row| Rule::read(row, None).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let set = RuleSet::default().with(rows)?.without_known(law.rules_off.clone());
        let book = RuleBook { law: law.clone(), own: Vec::new(), set: set.into(), ..RuleBook::default() };
        Ok(book)
    }

    /// Its rows as they are kept for receipts.
    pub fn kept(&self) -> &Arc<KeptText> {
        self.kept.get_or_init(|| kept_rows::rules(self.law.rules, &self.own))
    }

    /// Whether a rule of this name comes with the program.
    pub fn ships(id: &str) -> bool {
        RuleText::shipped().any(|text| text.id == id)
    }

    /// All of its rules.
    pub fn set(&self) -> &RuleSet {
        self.set.get_or_init(|| {
            let shipped = match self.law.rules {
                ShippedRules::Builtin => RuleSet::shipped(),
                ShippedRules::Off => Ok(RuleSet::default()),
            };
            // `new` has compared the names, and a test reads every shipped row.
            let all = shipped.and_then(|set| set.with(self.own.iter().cloned()));
            all.map(|set| set.without_known(self.law.rules_off.clone())).unwrap_or_default()
        })
    }

    /// The rules that are asked of a call to these regions with this purpose and voice, by id.
    pub fn that_hold(&self, regions: &[Region], purpose: Option<Purpose>, voice: Voice) -> Vec<Arc<Rule>> {
        self.set().that_hold(regions, purpose, voice).cloned().collect()
    }

    fn rules_in(&self, regions: &[RegionCode]) -> PlaceRules {
        let mut known = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(regions) {
            return found.clone();
        }
        let places: Vec<Region> = regions.iter().filter_map(|code| code.as_str().parse().ok()).collect();
        let held = self.that_hold(&places, self.law.purpose, self.law.voice);
        let of_hours = held.iter().filter(|rule| rule.speaks_of_hours()).map(|rule| rule.clone() as Arc<dyn LegalRule>);
        let with_caps = held.iter().filter(|rule| !rule.caps.is_empty()).cloned();
        let demanding = held.iter().filter(|rule| !rule.requires.is_empty()).cloned();
        let found =
            PlaceRules { of_hours: of_hours.collect(), with_caps: with_caps.collect(), demanding: demanding.collect() };
        known.entry(regions.to_vec()).or_insert(found).clone()
    }

    /// The rules with caps that hold for calls to these regions.
    pub fn rules_with_caps(&self, regions: &[RegionCode]) -> Arc<[Arc<Rule>]> {
        self.rules_in(regions).with_caps
    }

    /// The rules that require something of a call to these regions, by id.
    pub fn demanding_in(&self, regions: &[RegionCode]) -> Arc<[Arc<Rule>]> {
        self.rules_in(regions).demanding
    }

    /// What the configuration says of law.
    pub fn law(&self) -> &LawPolicy {
        &self.law
    }

    /// The rules of one's own.
    pub fn own(&self) -> &[Arc<Rule>] {
        &self.own
    }
}

/// What a change of the rules changes: what the configuration says, and the day of the shipped rows.
impl Hash for RuleBook {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.law.hash(state);
        self.own.iter().for_each(|rule| rule.text.hash(state));
        shipped_rules_date().hash(state);
    }
}

impl LegalRules for RuleBook {
    fn hours_in(&self, regions: &[RegionCode]) -> RulesOfPlace {
        self.rules_in(regions).of_hours
    }

    fn block_unknown_places(&self) -> bool {
        self.law.unknown_number == UnknownNumber::Block
    }

    /// Two books are the same when they are made of the same.
    fn same_as(&self, other: &dyn LegalRules) -> bool {
        let other: Option<&RuleBook> = (other as &dyn Any).downcast_ref();
        other.is_some_and(|other| self.law == other.law && self.own == other.own)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::scheduler::Policy;

    fn law(rules: ShippedRules, off: &[(&str, &str)]) -> LawPolicy {
        let rules_off: BTreeMap<String, String> =
            off.iter().map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned())).collect();
        LawPolicy { rules, rules_off, ..Policy::default().law }
    }

    fn own(id: &'static str) -> Arc<Rule> {
        let text = RuleText {
            id: id.into(),
            jurisdiction: "*".into(),
            applies_to: "any".into(),
            citation: "counsel".into(),
            as_of: "2026-11-20".into(),
            ..RuleText::default()
        };
        Arc::new(Rule::read(text, None).unwrap())
    }

    fn ids(book: &RuleBook, region: &str) -> Vec<String> {
        let held = book.that_hold(&[region.parse().unwrap()], None, Voice::Human);
        held.iter().map(|rule| rule.id().to_owned()).collect()
    }

    #[test]
    fn a_rule_is_taken_out_by_its_id_and_for_a_reason() {
        let off = |id, reason| RuleBook::new(&law(ShippedRules::Builtin, &[(id, reason)]), vec![own("acme")]);
        let book = off("us-mi", "counsel, 2026-11-20: needs malice").unwrap();
        assert!(ids(&book, "US-MI").iter().all(|id| id != "us-mi"));
        assert_eq!(book.set().reason_off("us-mi"), Some("counsel, 2026-11-20: needs malice"));
        assert_eq!(ids(&off("acme", "tried").unwrap(), "DE"), ["de-consent"]);
        assert_eq!(off("us-zz", "why").unwrap_err(), RuleSetError::UnknownOff("us-zz".to_owned()));
        assert_eq!(off("us-mi", " ").unwrap_err(), RuleSetError::NoReason("us-mi".to_owned()));
    }

    #[test]
    fn a_rule_of_ones_own_stands_beside_the_shipped_ones_and_stays_without_them() {
        let book = |rules, own| RuleBook::new(&law(rules, &[]), own);
        assert_eq!(ids(&book(ShippedRules::Builtin, vec![own("acme")]).unwrap(), "DE"), ["acme", "de-consent"]);
        assert_eq!(ids(&book(ShippedRules::Off, vec![own("acme")]).unwrap(), "DE"), ["acme"]);
        let twice = |own| book(ShippedRules::Off, own).unwrap_err().to_string();
        assert!(twice(vec![own("us-fl")]).starts_with("two rules are named `us-fl`: a rule adds to the others"));
        assert!(twice(vec![own("acme"), own("acme")]).starts_with("two rules are named `acme`"));
    }
}
