//! All rules that a client is held to: those that come with the program, those of its own, without those taken out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::region::Region;
use super::rule::Rule;
use super::rule_read::RuleError;
use super::rule_text::RuleText;
use crate::model::{Purpose, Voice};

/// The rules of a client, by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    off: BTreeMap<String, String>,
}

/// Why rules are no set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// A row of the user's with the id of another row.
    #[error("two rules are named `{0}`: a rule adds to the others and replaces none; give it another id")]
    Twice(String),
    /// A rule that is taken out has no row.
    #[error("`rules_off` names `{0}`, and no rule has that name: `callq rules list` shows them")]
    UnknownOff(String),
    /// A rule is taken out without a reason.
    #[error("`rules_off` takes out `{0}` without a reason: write who decided it, when and why")]
    NoReason(String),
    /// A row that is no rule.
    #[error(transparent)]
    Row(#[from] RuleError),
}

impl RuleSet {
    /// The rules that come with the program.
    ///
    /// # Errors
    /// A row that is no rule; a test shows that none is.
    pub fn shipped() -> Result<RuleSet, RuleSetError> {
        /// Read when they are asked for first, once for all clients.
        static SHIPPED: OnceLock<Result<Vec<Arc<Rule>>, RuleError>> = OnceLock::new();
        let read = || RuleText::shipped().map(|text| Rule::read(text, None).map(Arc::new)).collect();
        RuleSet::default().with(SHIPPED.get_or_init(read).clone()?)
    }

    /// The same with rules of a user's own, which only narrow.
    ///
    /// # Errors
    /// Two rules of one id.
    pub fn with(mut self, rules: impl IntoIterator<Item = Arc<Rule>>) -> Result<RuleSet, RuleSetError> {
        self.rules.extend(rules);
        self.rules.sort_by(|left, right| left.id().cmp(right.id()));
        let mut ids = BTreeSet::new();
        match self.rules.iter().find(|rule| !ids.insert(rule.id())) {
            Some(twice) => Err(RuleSetError::Twice(twice.id().to_owned())),
            None => Ok(self),
        }
    }

    /// The same without some rules, each taken out for a reason: the only way to widen. Names and reasons
    /// were checked.
    #[must_use]
    pub(super) fn without_known(mut self, off: BTreeMap<String, String>) -> RuleSet {
        self.off.extend(off);
        self
    }

    /// Every rule, by id, also those that are not asked.
    pub fn all(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// Why a rule was taken out.
    pub fn reason_off(&self, id: &str) -> Option<&str> {
        self.off.get(id).map(String::as_str)
    }

    /// The rules that are asked of a call, by id: of its regions or their countries, all terms fitting. An unset purpose
    /// counts as sales.
    pub fn that_hold<'a>(
        &'a self,
        regions: &'a [Region],
        purpose: Option<Purpose>,
        voice: Voice,
    ) -> impl Iterator<Item = &'a Arc<Rule>> {
        self.rules.iter().filter(move |rule| rule.holds(regions, purpose, voice) && !self.off.contains_key(rule.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::shipped_rules_date;

    fn ids(set: &RuleSet, region: &str, purpose: Option<Purpose>, voice: Voice) -> Vec<String> {
        let regions = [region.parse().unwrap()];
        set.that_hold(&regions, purpose, voice).map(|rule| rule.id().to_owned()).collect()
    }

    fn own(id: &'static str, jurisdiction: &'static str) -> Arc<Rule> {
        let text = RuleText {
            id: id.into(),
            jurisdiction: jurisdiction.into(),
            applies_to: "any".into(),
            citation: "counsel".into(),
            as_of: "2026-11-20".into(),
            ..RuleText::default()
        };
        Arc::new(Rule::read(text, None).unwrap())
    }

    #[test]
    fn every_shipped_row_is_a_rule_of_a_known_place_and_shown_as_written() {
        let set = RuleSet::shipped().unwrap();
        assert_eq!(set.all().len(), RuleText::shipped().count());
        for rule in set.all() {
            assert!(rule.text.is_known_place(), "{}", rule.id());
            assert!(rule.confidence.is_some() && !rule.text.source_read.is_empty(), "{}", rule.id());
            let caps: Vec<String> = rule.caps.iter().map(ToString::to_string).collect();
            let requires: Vec<String> = rule.requires.iter().map(ToString::to_string).collect();
            assert_eq!(
                (caps.join(" "), requires.join(" ")),
                (rule.text.caps.to_string(), rule.text.requires.to_string())
            );
            assert_eq!(rule.applies_to.to_string(), rule.text.applies_to);
            assert_eq!(rule.as_of.to_string(), rule.text.as_of);
        }
        assert_eq!(shipped_rules_date(), "2026-11-28");
    }

    #[test]
    fn the_rows_of_a_region_and_its_country_hold_by_their_terms() {
        let set = RuleSet::shipped().unwrap();
        let for_sales =
            ["us-ai-mobile", "us-ai-sales", "us-fl", "us-hours", "us-internal-dnc", "us-registry", "us-ring"];
        assert_eq!(ids(&set, "US-FL", Some(Purpose::Sales), Voice::Ai), for_sales);
        assert_eq!(ids(&set, "US-FL", None, Voice::Ai), for_sales, "an unset purpose counts as sales");
        assert_eq!(
            ids(&set, "US-FL", Some(Purpose::Debt), Voice::Human),
            ["us-debt-7in7", "us-debt-hours", "us-internal-dnc"]
        );
        assert!(ids(&set, "US-NJ", None, Voice::Ai).iter().all(|id| id != "us-nj-mobile"), "off by default");
        assert_eq!(ids(&set, "DE", None, Voice::Human), ["de-consent"]);
        assert_eq!(ids(&set, "JP", None, Voice::Ai), [""; 0]);
    }

    #[test]
    fn a_rule_of_ones_own_stands_beside_the_others() {
        let set = RuleSet::shipped().unwrap().with([own("everywhere", "*"), own("acme-de", "DE")]).unwrap();
        assert_eq!(ids(&set, "DE", None, Voice::Human), ["acme-de", "de-consent", "everywhere"]);
        assert!(
            set.that_hold(&[], None, Voice::Ai).map(|rule| rule.id()).eq(["everywhere"]),
            "`*` holds without a region"
        );
        let twice = RuleSet::shipped().unwrap().with([own("us-fl", "US-FL")]).unwrap_err();
        assert_eq!(twice, RuleSetError::Twice("us-fl".to_owned()));
    }
}
