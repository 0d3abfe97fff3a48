//! Warns of what is legal but surely wrong in the rules of a client, and of retries that its caps make wait.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};

use super::check_ladder;
use super::document::Entries;
use super::error::{Location, Problem};
use super::load::Settings;
use crate::compliance::{Region, Rule, RuleBook, shipped_rules_date};
use crate::model::{ClientId, Confidence, ShippedRules};
use crate::scheduler::{ClockGate, LegalClause, Policy, Zone, next_open};

/// A rule should be read again after this many months, the shipped set after half as many.
const OLD: Months = Months::new(12);
const SHIPPED_OLD: Months = Months::new(6);

/// Warns of a rule that ends within this number of days.
const ENDS_SOON: TimeDelta = TimeDelta::days(60);

/// What a warning is about.
#[derive(Debug, Clone)]
enum About {
    Keys(&'static [&'static str]),
    /// The rule of this id, which may be a row of the file.
    Rule(String),
}

/// What a warning is about, and what it says.
type Warning = (About, String);

/// The warnings of the rules of one client, or of all.
pub fn law_warnings(settings: &Settings, client: Option<&ClientId>, now: DateTime<Utc>) -> Vec<Problem> {
    let (document, policies) = (&settings.layers.document, &settings.policies);
    let from_above = [&settings.layers.variables, &document.defaults];
    let problem = |entries: &[&Entries], (about, message): Warning| match about {
        About::Keys(keys) => settings.warning(entries, keys, None, message),
        About::Rule(id) => match document.rules.iter().find(|row| row.id() == Some(&id)) {
            Some(row) => settings.layers.problem_at(row.span_of("id").start, message),
            None => settings.warning(entries, RULES_KEYS, None, message),
        },
    };
    let inherited = of_policy(policies.defaults(), now);
    let mut found = Vec::new();
    if client.is_none_or(|client| !policies.names(client)) {
        found.extend(inherited.iter().cloned().map(|warning| problem(&from_above, warning)));
    }
    for (name, section) in &document.clients {
        if client.is_some_and(|client| client != name) {
            continue;
        }
        for (about, message) in of_policy(policies.of(name), now) {
            if client.is_none() && inherited.iter().any(|(_, told)| *told == message) {
                continue;
            }
            let message = format!("client `{name}`: {message}");
            found.push(problem(&[&section.entries, from_above[0], from_above[1]], (about, message)));
        }
    }
    found
}

/// That a client has no purpose, told once whatever number of clients have none.
pub fn purpose_warning(settings: &Settings) -> Option<Problem> {
    let is_without = settings.policies.all().any(|policy| policy.law.purpose.is_none());
    is_without.then(|| {
        let message = "`law.purpose` is not set: hours and caps are those of sales, consent and registries are not \
                       asked; `callq config set law.purpose sales` (or debt, service, health)";
        Problem { spot: Location::BuiltIn, message: message.to_owned() }
    })
}

fn of_policy(policy: &Policy, now: DateTime<Utc>) -> Vec<Warning> {
    let Some(book) = RuleBook::of(policy) else { return Vec::new() };
    let today = policy.hours.zone.local(now).date();
    let mut found: Vec<Warning> = Vec::new();
    if policy.law.rules == ShippedRules::Off {
        let message = "`law.rules` is off: no rule that comes with the program is asked, only calling_hours and rules \
                       of your own";
        found.push((About::Keys(&["law.rules"]), message.to_owned()));
    }
    let asked = |rule: &&std::sync::Arc<Rule>| rule.is_on && book.set().reason_off(rule.id()).is_none();
    for rule in book.own().iter().filter(asked) {
        let about = || About::Rule(rule.id().to_owned());
        found.extend(of_own(rule, policy, now, today).into_iter().map(|message| (about(), message)));
    }
    if policy.law.rules == ShippedRules::Builtin && is_older(shipped_rules_date().parse().ok(), SHIPPED_OLD, today) {
        let message = format!(
            "the rules that come with callq are of {}, more than 6 months old: use a newer callq",
            shipped_rules_date()
        );
        found.push((About::Keys(RULES_KEYS), message));
    }
    let in_use: Vec<_> = book.set().all().iter().filter(asked).collect();
    let fits = |rule: &Rule| rule.applies_to.fit_dial(policy.law.purpose, policy.law.voice);
    for rule in in_use.iter().filter(|rule| fits(rule)) {
        if let Some(end) = rule.effective_to.filter(|end| today < *end && *end - today <= ENDS_SOON) {
            let message = format!("rule `{}` ends before {end}: look for what follows it", rule.id());
            found.push((About::Rule(rule.id().to_owned()), message));
        }
    }
    let is_shipped = |rule: &Rule| !book.own().iter().any(|own| own.id() == rule.id());
    let is_old = |rule: &Rule| fits(rule) && is_shipped(rule) && is_older(Some(rule.as_of), OLD, today);
    let old: Vec<&str> = in_use.iter().filter(|rule| is_old(rule)).map(|rule| rule.id()).collect();
    if !old.is_empty() {
        let rules = if old.len() == 1 { "rule" } else { "rules" };
        let message = format!("{rules} read more than 12 months ago: {}; use a newer callq", old.join(", "));
        found.push((About::Keys(RULES_KEYS), message));
    }
    let is_unsure = |rule: &Rule| matches!(rule.confidence, Some(Confidence::One | Confidence::Conflicting));
    let unsure: Vec<&str> = in_use.iter().filter(|rule| fits(rule) && is_unsure(rule)).map(|rule| rule.id()).collect();
    if !unsure.is_empty() {
        let (count, ids) = (unsure.len(), unsure.join(", "));
        let rules = if count == 1 { "1 rule in use is" } else { &format!("{count} rules in use are") };
        let message = format!("{rules} of low confidence, by one source or by sources that differ: {ids}");
        found.push((About::Keys(RULES_KEYS), message));
    }
    found.extend(
        check_ladder::against_caps(policy, book).into_iter().map(|message| (About::Keys(check_ladder::KEYS), message)),
    );
    found.extend(check_ladder::against_hours(policy, now).map(|message| (About::Keys(check_ladder::KEYS), message)));
    found
}

const RULES_KEYS: &[&str] = &["law.rules_files", "law.rules"];

fn is_older(date: Option<NaiveDate>, age: Months, today: NaiveDate) -> bool {
    date.and_then(|date| date.checked_add_months(age)).is_some_and(|date| date < today)
}

/// What is wrong with a rule of one's own.
fn of_own(rule: &Rule, policy: &Policy, now: DateTime<Utc>, today: NaiveDate) -> Vec<String> {
    let mut found = Vec::new();
    if is_older(Some(rule.as_of), OLD, today) {
        found.push(format!("rule `{}` is as of {}, more than 12 months old: read it again", rule.id(), rule.as_of));
    }
    if !rule.text.is_known_place() {
        let place = &rule.text.jurisdiction;
        found.push(format!("rule `{}`: no region `{place}` is known, so that it never holds", rule.id()));
    }
    if rule.speaks_of_hours() && !meets_business(rule, policy, now) {
        let window = &rule.text.window;
        found.push(format!(
            "rule `{}`: its window {window} never meets the business hours: nobody can be called there",
            rule.id()
        ));
    }
    found
}

/// Whether the window of a rule is ever open in business hours, in a zone of its region, or else in the client's.
fn meets_business(rule: &Rule, policy: &Policy, now: DateTime<Utc>) -> bool {
    let region: Option<Region> = rule.text.jurisdiction.parse().ok();
    let mut zones: Vec<Zone> =
        region.iter().flat_map(|region| region.zones()).filter_map(|name| name.parse().ok()).collect();
    if zones.is_empty() {
        zones.push(policy.hours.zone.clone());
    }
    let hours = &policy.hours;
    let clause: [LegalClause<'_>; 2] = [
        LegalClause { calling: &hours.business, rules: &[] },
        LegalClause { calling: &hours.calling, rules: &[std::sync::Arc::new(rule.clone()) as _] },
    ];
    zones.iter().any(|zone| {
        let mut gates = [ClockGate::new(clause[0], &hours.zone), ClockGate::new(clause[1], zone)];
        next_open(&mut gates, now).is_some()
    })
}
