//! Policies as texts that receipts keep and read again: a call is judged later by what held when it began.

use std::str::FromStr;
use std::sync::Arc;

use chrono::{TimeDelta, Weekday};

use super::kept_rows::{kept_text, rules};
use super::rule_book::RuleBook;
use super::rule_text::shipped_rules_date;
use super::window;
use crate::model::{KeptText, LawPolicy, Purpose, ShippedRules};
use crate::scheduler::{ClientRules, HoursPolicy, Policy};

/// What receipts keep of a policy.
#[derive(Debug, Clone)]
pub struct KeptPolicy {
    pub rules: Arc<KeptText>,
    pub policy: Arc<KeptText>,
    /// `builtin 2026-11-28`, or `off`.
    pub rules_version: String,
}

impl KeptPolicy {
    pub fn of(policy: &Policy) -> KeptPolicy {
        let rules = RuleBook::of(policy).map_or_else(|| rules(ShippedRules::Off, &[]), |book| book.kept().clone());
        let rules_version = match policy.law.rules {
            ShippedRules::Builtin => format!("builtin {}", shipped_rules_date()),
            ShippedRules::Off => "off".to_owned(),
        };
        KeptPolicy { rules, policy: Arc::new(kept_text(policy_text(policy))), rules_version }
    }
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// What a policy says of law, a line each, in the words of the configuration; spans of time in seconds.
fn policy_text(policy: &Policy) -> String {
    let law = &policy.law;
    let hours = WEEK.map(|day| {
        let spans: Vec<String> = policy.hours.calling.spans(day).iter().map(ToString::to_string).collect();
        format!("{day}={}", if spans.is_empty() { "-".to_owned() } else { spans.join(",") })
    });
    let mut lines = vec![
        ("timezone", policy.hours.zone.name().to_owned()),
        ("calling_hours", hours.join(" ")),
        ("purpose", law.purpose.map_or("", Purpose::as_str).to_owned()),
        ("voice", law.voice.as_str().to_owned()),
        ("rules", law.rules.as_str().to_owned()),
        ("caps", joined(&law.caps)),
        ("number_rest", law.number_rest.num_seconds().to_string()),
        ("unknown_number", law.unknown_number.as_str().to_owned()),
        ("registries", law.registries.join(" ")),
        ("registry_max_age", law.registry_max_age.num_seconds().to_string()),
        ("registry_lifted_by", joined(&law.registry_lifted_by)),
    ];
    lines.extend(law.rules_off.iter().map(|(id, reason)| ("rules_off", format!("{id} {reason}"))));
    lines.iter().map(|(key, value)| format!("{key} {}\n", value.replace(char::is_control, " "))).collect()
}

fn joined(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The policy of kept texts; what receipts do not ask, such as business hours, is that of `base`.
///
/// # Errors
/// What cannot be read, in a sentence.
pub fn policy_of_kept(policy: &str, rules: &str, base: &Policy) -> Result<Policy, String> {
    let mut law = LawPolicy::default();
    let HoursPolicy { mut zone, mut calling, .. } = base.hours.clone();
    for line in policy.lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "timezone" => zone = read(key, value)?,
            "calling_hours" => calling = window::read(value)?,
            "purpose" if value.is_empty() => law.purpose = None,
            "purpose" => law.purpose = Some(read(key, value)?),
            "voice" => law.voice = read(key, value)?,
            "rules" => law.rules = read(key, value)?,
            "caps" => law.caps = read_all(key, value)?,
            "number_rest" => law.number_rest = TimeDelta::seconds(read(key, value)?),
            "unknown_number" => law.unknown_number = read(key, value)?,
            "registries" => law.registries = read_all(key, value)?,
            "registry_max_age" => law.registry_max_age = TimeDelta::seconds(read(key, value)?),
            "registry_lifted_by" => law.registry_lifted_by = read_all(key, value)?,
            "rules_off" => {
                let (id, reason) = value.split_once(' ').unwrap_or((value, ""));
                law.rules_off.insert(id.to_owned(), reason.to_owned());
            }
            _ => return Err(format!("`{key}` is of another version of callq")),
        }
    }
    let book = RuleBook::of_kept(&law, rules).map_err(|error| error.to_string())?;
    let hours = HoursPolicy { zone, calling, rules: ClientRules::new(book), ..base.hours.clone() };
    Ok(Policy { hours, law, ..base.clone() })
}

fn read<T: FromStr>(key: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{key} `{value}` cannot be read"))
}

fn read_all<T: FromStr>(key: &str, value: &str) -> Result<Vec<T>, String> {
    value.split_ascii_whitespace().map(|word| read(key, word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_policy_is_read_as_it_was() {
        let mut policy = Policy::default();
        policy.law.caps = vec!["3/24h".parse().unwrap()];
        policy.law.registries = vec!["us-national".to_owned()];
        policy.law.purpose = Some(Purpose::Debt);
        policy.law.rules_off = [("us-mi".to_owned(), "counsel: needs\nmalice".to_owned())].into();
        let kept = KeptPolicy::of(&policy);
        let read = policy_of_kept(&kept.policy.text, &kept.rules.text, &Policy::default()).unwrap();
        assert_eq!(read.hours.calling, policy.hours.calling);
        assert_eq!(read.law.rules_off["us-mi"], "counsel: needs malice");
        assert_eq!(LawPolicy { rules_off: policy.law.rules_off.clone(), ..read.law.clone() }, policy.law);
        assert_eq!(KeptPolicy::of(&read).policy.hash, kept.policy.hash);
        let (was, is) = (RuleBook::of(&policy).unwrap().set().all(), RuleBook::of(&read).unwrap().set().all());
        assert_eq!(is, was);
        assert!(policy_of_kept("moon 1\n", "", &policy).unwrap_err().contains("another version"));
    }
}
