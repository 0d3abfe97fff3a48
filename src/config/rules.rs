//! The rules between keys, and the policy that comes out when a policy_builder keeps them.

use super::policy_builder::{HoursDraft, PolicyBuilder};
use super::read::WEEKDAYS;
use crate::compliance::RuleBook;
use crate::model::{DispatchKind, DispatchSettings, Priority, RetellSettings};
use crate::scheduler::{ClientRules, DaySpan, Holidays, HoursPolicy, OrderPolicy, Policy, RetryPolicy, WeeklyHours};

/// A rule that a policy_builder breaks.
#[derive(Debug)]
pub(super) struct Broken {
    /// The keys that it is about; the fault is shown at one of them.
    pub(super) keys: &'static [&'static str],
    pub(super) message: String,
}

impl Broken {
    fn new(keys: &'static [&'static str], message: impl Into<String>) -> Broken {
        Broken { keys, message: message.into() }
    }
}

/// The policy of a complete policy_builder, with the holidays of its lists and calendars.
///
/// # Errors
/// Every rule that is broken.
pub(super) fn policy(policy_builder: &PolicyBuilder, holidays: Holidays) -> Result<Policy, Vec<Broken>> {
    let mut broken = Vec::new();
    let business = span(&policy_builder.business, &["business_hours.start", "business_hours.end"], &mut broken);
    let calling = span(&policy_builder.calling, &["calling_hours.start", "calling_hours.end"], &mut broken);
    if policy_builder.max_retries > 0 && policy_builder.retry_delays.is_empty() {
        let message = format!(
            "`retry_delays` is empty but `max_retries` is {}: expected a delay in minutes, or max_retries = 0",
            policy_builder.max_retries
        );
        broken.push(Broken::new(&["retry_delays", "max_retries"], message));
    }
    check_weights(&policy_builder.weights, &mut broken);
    if policy_builder.best_hours && policy_builder.aging == 0.0 {
        let message = "`best_hours` is \"learn\" but `aging` is 0: without aging no bound holds for what the hours put \
                       off; set `aging`, or best_hours = \"off\"";
        broken.push(Broken::new(&["best_hours", "aging"], message));
    }
    let dispatch = dispatch(policy_builder, &mut broken);
    let rules = book(policy_builder, &mut broken);
    match (&policy_builder.zone, business, calling, dispatch, rules) {
        (Some(zone), Some(business), Some(calling), Some(dispatch), Some(rules)) if broken.is_empty() => Ok(Policy {
            hours: HoursPolicy {
                zone: zone.clone(),
                business: weekly(&policy_builder.business, business, |day| policy_builder.active_days.contains(&day)),
                prime: policy_builder.prime,
                calling: weekly(&policy_builder.calling, calling, |_| true),
                holidays,
                rules: ClientRules::new(rules),
            },
            retry: RetryPolicy {
                max_retries: policy_builder.max_retries,
                delays: policy_builder.retry_delays.clone(),
                ladders: policy_builder.retry_ladders.clone(),
                multiplier: policy_builder.retry_multiplier,
                max_delay: policy_builder.retry_max_delay,
                jitter: policy_builder.retry_jitter,
            },
            order: OrderPolicy {
                weights: policy_builder.weights,
                aging: policy_builder.aging,
                best_hours: policy_builder.best_hours.then_some(policy_builder.best_hours_points),
            },
            limits: policy_builder.limits,
            share: policy_builder.share,
            country_code: policy_builder.country_code.clone(),
            dispatch,
            recall_after: policy_builder.recall_after,
            fault: None,
            law: policy_builder.law.clone(),
        }),
        _ => Err(broken),
    }
}

/// The rules that hold. The checks of the file report doubled names and unknown names in `rules_off`.
fn book(policy_builder: &PolicyBuilder, broken: &mut Vec<Broken>) -> Option<RuleBook> {
    let book = RuleBook::new(&policy_builder.law, policy_builder.own_rules.clone());
    book.map_err(|error| broken.push(Broken::new(&["law.rules_files"], error.to_string()))).ok()
}

/// The span of a day without an entry in `days`.
fn span(hours: &HoursDraft, keys: &'static [&'static str], broken: &mut Vec<Broken>) -> Option<DaySpan> {
    match DaySpan::new(hours.start?, hours.end?) {
        Ok(span) => Some(span),
        Err(error) => {
            let names = keys.join("` and `");
            broken.push(Broken::new(keys, format!("`{names}` are the same: {error}")));
            None
        }
    }
}

/// The entry of a weekday in `days`, else start–end where the day is active.
fn weekly(hours: &HoursDraft, usual: DaySpan, is_active: impl Fn(chrono::Weekday) -> bool) -> WeeklyHours {
    let mut weekly = WeeklyHours::closed();
    for (name, entry) in WEEKDAYS.iter().zip(&hours.days) {
        let Some(day) = super::read::weekday_named(name) else { continue };
        let spans = match entry {
            Some(spans) => spans.clone(),
            None if is_active(day) => vec![usual],
            None => Vec::new(),
        };
        weekly = weekly.with(day, spans);
    }
    weekly
}

fn check_weights(weights: &[f64; 4], broken: &mut Vec<Broken>) {
    const NAMES: &[&str] =
        &["priority_weights.urgent", "priority_weights.high", "priority_weights.normal", "priority_weights.low"];
    let falling = weights.is_sorted_by(|higher, lower| higher > lower);
    if !falling {
        let found: Vec<String> =
            Priority::ALL.iter().zip(weights).map(|(name, points)| format!("{name} {points}")).collect();
        let message =
            format!("`priority_weights` are {}: expected each to be lower than the one before", found.join(", "));
        broken.push(Broken::new(NAMES, message));
    }
}

fn dispatch(policy_builder: &PolicyBuilder, broken: &mut Vec<Broken>) -> Option<DispatchSettings> {
    let mut settings = policy_builder.dispatch.clone();
    match settings.kind {
        DispatchKind::None | DispatchKind::Simulate => {}
        DispatchKind::Command if settings.command.is_empty() => {
            let message = "`dispatch.kind` is \"command\" but `dispatch.command` names no program: \
                           expected such as command = [\"/usr/local/bin/place-call\", \"{phone}\"]";
            broken.push(Broken::new(&["dispatch.command", "dispatch.kind"], message));
            return None;
        }
        DispatchKind::Command => {}
        DispatchKind::Retell => {
            let Some(from_number) = policy_builder.retell.from_number.clone() else {
                let message = "`dispatch.kind` is \"retell\" but `dispatch.from_number` is not set: \
                               expected the number that calls, such as from_number = \"+12125554567\"";
                broken.push(Broken::new(&["dispatch.from_number", "dispatch.kind"], message));
                return None;
            };
            settings.retell = Some(RetellSettings {
                base_url: policy_builder.retell.base_url.clone(),
                from_number,
                api_key_env: policy_builder.retell.api_key_env.clone(),
                api_key_file: policy_builder.retell.api_key_file.clone(),
                agent_id: policy_builder.retell.agent_id.clone(),
                agent_version: policy_builder.retell.agent_version,
                dynamic_variables: policy_builder.retell.dynamic_variables.clone(),
                request_timeout: policy_builder.retell.request_timeout,
                poll_interval: policy_builder.retell.poll_interval,
            });
        }
    }
    Some(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_without_the_built_in_layer_is_no_policy() {
        assert!(policy(&PolicyBuilder::empty(), Holidays::default()).is_err());
    }
}
