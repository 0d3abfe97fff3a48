//! All rules that a client is held to: those that come with the program, those of its own, without those taken out.

use std::collections::{BTreeMap, BTreeSet};

use super::region::Region;
use super::rule::{Rule, RuleError};
use super::rule_text::RuleText;
use crate::model::{Purpose, Voice};

/// The rules of a client, by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSet {
    rules: Vec<Rule>,
    off: BTreeMap<String, String>,
}

/// Why rules are no set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// A row of the user's with the id of another row.
    #[error("two rules are named `{0}`: a rule stands beside the others, never in their place; give it another id")]
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
        let rules = RuleText::shipped().map(|text| Rule::read(text, None)).collect::<Result<Vec<Rule>, _>>()?;
        RuleSet::default().with(rules)
    }

    /// The same with rules of a user's own, which only narrow.
    ///
    /// # Errors
    /// Two rules of one id.
    pub fn with(mut self, rules: impl IntoIterator<Item = Rule>) -> Result<RuleSet, RuleSetError> {
        self.rules.extend(rules);
        self.rules.sort_by(|left, right| left.id().cmp(right.id()));
        let mut ids = BTreeSet::new();
        match self.rules.iter().find(|rule| !ids.insert(rule.id())) {
            Some(twice) => Err(RuleSetError::Twice(twice.id().to_owned())),
            None => Ok(self),
        }
    }

    /// The same without some rules, each taken out for a reason: the only way to widen.
    ///
    /// # Errors
    /// An id that no rule has, and a reason that is empty.
    pub fn without(mut self, off: BTreeMap<String, String>) -> Result<RuleSet, RuleSetError> {
        for (id, reason) in &off {
            if !self.rules.iter().any(|rule| rule.id() == id) {
                return Err(RuleSetError::UnknownOff(id.clone()));
            }
            if reason.trim().is_empty() {
                return Err(RuleSetError::NoReason(id.clone()));
            }
        }
        self.off.extend(off);
        Ok(self)
    }

    /// Every rule, by id, also those that are not asked.
    pub fn all(&self) -> &[Rule] {
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
    ) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.holds(regions, purpose, voice) && !self.off.contains_key(rule.id()))
    }
}
