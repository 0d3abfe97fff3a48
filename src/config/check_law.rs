//! Warns of what is legal but surely wrong in the rules of a client, and of retries that its caps make wait.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};

use super::document::Entries;
use super::error::{Location, Problem};
use super::load::Settings;
use crate::compliance::{Cap, Ladder, Region, Rule, RuleBook, Terms, shipped_rules_date};
use crate::model::{CapLimit, ClientId, Confidence, ShippedRules, format_duration};
use crate::scheduler::{ClockGate, LegalClause, Policy, Zone, next_open};

/// A rule should be read again after this many months, the shipped set after half as many.
const OLD: Months = Months::new(12);
const SHIPPED_OLD: Months = Months::new(6);

/// A rule that ends within so many days is told.
const ENDS_SOON: TimeDelta = TimeDelta::days(60);

/// The keys that a warning is about, and what it says.
type Warning = (&'static [&'static str], String);

/// The warnings of the rules of one client, or of all.
pub fn law_warnings(settings: &Settings, client: Option<&ClientId>, now: DateTime<Utc>) -> Vec<Problem> {
    let (document, policies) = (&settings.layers.document, &settings.policies);
    let from_above = [&settings.layers.variables, &document.defaults];
    let problem = |entries: &[&Entries], (keys, message): Warning| settings.warning(entries, keys, None, message);
    let inherited = of_policy(policies.defaults(), now);
    let mut found = Vec::new();
    if client.is_none_or(|client| !policies.names(client)) {
        found.extend(inherited.iter().cloned().map(|warning| problem(&from_above, warning)));
    }
    for (name, section) in &document.clients {
        if client.is_some_and(|client| client != name) {
            continue;
        }
        for (keys, message) in of_policy(policies.of(name), now) {
            if client.is_none() && inherited.iter().any(|(_, told)| *told == message) {
                continue;
            }
            let message = format!("client `{name}`: {message}");
            found.push(problem(&[&section.entries, from_above[0], from_above[1]], (keys, message)));
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
        found.push((&["law.rules"], message.to_owned()));
    }
    let asked = |rule: &&std::sync::Arc<Rule>| rule.is_on && book.set().reason_off(rule.id()).is_none();
    for rule in book.own().iter().filter(asked) {
        found.extend(of_own(rule, policy, now, today).into_iter().map(|message| (RULES_KEYS, message)));
    }
    if policy.law.rules == ShippedRules::Builtin && is_older(shipped_rules_date().parse().ok(), SHIPPED_OLD, today) {
        let message = format!(
            "the rules that come with callq are of {}, more than 6 months old: use a newer callq",
            shipped_rules_date()
        );
        found.push((RULES_KEYS, message));
    }
    let in_use: Vec<_> = book.set().all().iter().filter(asked).collect();
    let fits = |rule: &Rule| rule.applies_to.fit_dial(policy.law.purpose, policy.law.voice);
    for rule in in_use.iter().filter(|rule| fits(rule)) {
        if let Some(end) = rule.effective_to.filter(|end| today < *end && *end - today <= ENDS_SOON) {
            found.push((RULES_KEYS, format!("rule `{}` ends before {end}: look for what follows it", rule.id())));
        }
    }
    let is_unsure = |rule: &Rule| matches!(rule.confidence, Some(Confidence::One | Confidence::Conflicting));
    let unsure: Vec<&str> = in_use.iter().filter(|rule| fits(rule) && is_unsure(rule)).map(|rule| rule.id()).collect();
    if !unsure.is_empty() {
        let (count, ids) = (unsure.len(), unsure.join(", "));
        let rules = if count == 1 { "1 rule in use is" } else { &format!("{count} rules in use are") };
        let message = format!("{rules} of low confidence, by one source or by sources that differ: {ids}");
        found.push((RULES_KEYS, message));
    }
    found.extend(of_ladder(policy, book).into_iter().map(|message| (LADDER_KEYS, message)));
    found
}

const RULES_KEYS: &[&str] = &["law.rules_files", "law.rules"];
const LADDER_KEYS: &[&str] = &["retry_delays", "max_retries"];

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

/// The retries that are one too many: `call 4, 50 min after the first, is one too many in 24 h for us-fl: it waits`.
fn of_ladder(policy: &Policy, book: &RuleBook) -> Vec<String> {
    let law = &policy.law;
    let of_rules = book.set().all().iter().filter(|rule| {
        rule.is_on && book.set().reason_off(rule.id()).is_none() && rule.applies_to.fit_dial(law.purpose, law.voice)
    });
    let of_rules = of_rules.flat_map(|rule| rule.caps.iter().map(|limit| (rule.id().to_owned(), *limit)));
    let own = law.caps.iter().map(|limit| ("law.caps".to_owned(), *limit));
    let limits: Vec<(String, CapLimit)> = of_rules.chain(own).collect();
    let minutes = |delay: &TimeDelta| delay.num_milliseconds() as f64 / 60_000.0;
    let ladder = Ladder {
        delays: policy.retry.delays.iter().map(minutes).collect(),
        multiplier: policy.retry.multiplier,
        max_delay: minutes(&policy.retry.max_delay),
        max_retries: policy.retry.max_retries,
    };
    let mut spans: Vec<u32> = limits.iter().map(|(_, limit)| limit.hours).collect();
    spans.sort_unstable();
    spans.dedup();
    let mut found = Vec::new();
    for hours in spans {
        let same = limits.iter().filter(|(_, limit)| limit.hours == hours);
        let caps: Vec<Cap> = same
            .map(|(id, limit)| Cap { id: id.clone().into(), applies_to: Terms::default(), limit: *limit })
            .collect();
        let check = ladder.check(&caps);
        // The first call that is one too many tells it: the later ones wait too.
        let Some((call, _)) = check.breaks.first().copied() else { continue };
        let ids: Vec<&str> = check.breaks.iter().filter(|(other, _)| *other == call).map(|(_, id)| *id).collect();
        let after = check.plain.get(call - 1).copied().unwrap_or_default();
        found.push(format!(
            "call {call}, {} after the first, is one too many in {hours} h for {}: it waits",
            minutes_text(after),
            ids.join(", ")
        ));
    }
    found
}

/// `50 min`, `2 h 30 min`.
fn minutes_text(minutes: f64) -> String {
    let whole = minutes.round() as i64;
    match (whole / 60, whole % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours @ 1..24, minutes) => format!("{hours} h {minutes} min"),
        _ => format_duration(TimeDelta::minutes(whole)),
    }
}
