//! Warns of retries that the caps, the hours or the longest delay make later than they are written.

use chrono::{DateTime, TimeDelta, Utc};

use crate::compliance::{Cap, Ladder, RuleBook, Terms};
use crate::model::{CapLimit, Priority, format_duration};
use crate::scheduler::{LegalPlace, Policy, RetryPolicy, Window, windows};

/// The keys that such a warning is about; a dot at the end stands for all keys of a table.
pub(super) const KEYS: &[&str] = &["retry_delays", "retry_ladder.", "max_retries", "retry_max_delay"];

/// The lists of delays: that for all reasons, and that of each reason which has one.
fn lists(retry: &RetryPolicy) -> impl Iterator<Item = (Option<&str>, &[TimeDelta])> {
    let own = retry.ladders.iter().filter(|(_, delays)| !delays.is_empty());
    [(None, &retry.delays[..])].into_iter().chain(own.map(|(reason, delays)| (Some(&**reason), &delays[..])))
}

/// The name of a list in a message.
fn name(reason: Option<&str>) -> String {
    reason.map_or_else(|| "retry_delays".to_owned(), |reason| format!("retry_ladder.{reason}"))
}

/// Each list with a delay beyond the longest one.
pub(super) fn too_long(retry: &RetryPolicy) -> impl Iterator<Item = String> {
    lists(retry).filter_map(|(reason, delays)| {
        let longest = delays.iter().max().filter(|longest| **longest > retry.max_delay)?;
        let (longest, most) = (longest.num_minutes(), format_duration(retry.max_delay));
        let list = name(reason);
        Some(format!("a delay of {longest} minutes in `{list}` is longer than `retry_max_delay`, {most}"))
    })
}

/// Each delay that never ends in the hours of a normal item, whenever the call before it was made: it means the next
/// opening.
pub(super) fn against_hours(policy: &Policy, now: DateTime<Utc>) -> impl Iterator<Item = String> {
    // A week has every opening; the next one is where the longest sensible delay ends.
    let (place, end) = (LegalPlace::home(&policy.hours), now + TimeDelta::days(21));
    let open: Vec<Window> = windows(&policy.hours, &place, Priority::Normal, now, end).collect();
    let week = now + TimeDelta::days(7);
    let meets = move |delay: TimeDelta| {
        let from = open.iter().filter(|window| window.start < week);
        let mut ends = from.map(|window| (window.start + delay, window.end + delay));
        open.is_empty()
            || delay > TimeDelta::days(7)
            || ends.any(|(start, end)| open.iter().any(|open| start < open.end && open.start < end))
    };
    lists(&policy.retry).flat_map(move |(reason, delays)| {
        let mut outside: Vec<TimeDelta> = delays.iter().copied().filter(|delay| !meets(*delay)).collect();
        outside.dedup();
        let told = move |delay: TimeDelta| {
            let (list, delay) = (name(reason), minutes_text(minutes(&delay)));
            format!("a delay of {delay} in `{list}` never ends in the client's hours: the call waits until they open")
        };
        outside.into_iter().map(told)
    })
}

/// The retries that are one too many: `call 4, 50 min after the first, is one too many in 24 h for us-fl: it waits`.
pub(super) fn against_caps(policy: &Policy, book: &RuleBook) -> Vec<String> {
    let law = &policy.law;
    let of_rules = book.set().all().iter().filter(|rule| {
        rule.is_on && book.set().reason_off(rule.id()).is_none() && rule.applies_to.fit_dial(law.purpose, law.voice)
    });
    let of_rules = of_rules.flat_map(|rule| rule.caps.iter().map(|limit| (rule.id().to_owned(), *limit)));
    let own = law.caps.iter().map(|limit| ("law.caps".to_owned(), *limit));
    let limits: Vec<(String, CapLimit)> = of_rules.chain(own).collect();
    lists(&policy.retry)
        .flat_map(|(reason, delays)| {
            let list = reason.map(|reason| format!("`{}`: ", name(Some(reason)))).unwrap_or_default();
            let ladder = Ladder {
                delays: delays.iter().map(minutes).collect(),
                multiplier: policy.retry.multiplier,
                max_delay: minutes(&policy.retry.max_delay),
                max_retries: policy.retry.max_retries,
            };
            one_too_many(&ladder, &limits).into_iter().map(move |told| format!("{list}{told}"))
        })
        .collect()
}

/// The first call of a ladder that is one too many within each length of time that some cap has.
fn one_too_many(ladder: &Ladder, limits: &[(String, CapLimit)]) -> Vec<String> {
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

fn minutes(delay: &TimeDelta) -> f64 {
    delay.num_milliseconds() as f64 / 60_000.0
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

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(delays: &[i64], busy: &[i64]) -> Policy {
        let minutes = |list: &[i64]| list.iter().copied().map(TimeDelta::minutes).collect::<Vec<_>>();
        let policy = Policy::default();
        let ladders = [("busy".to_owned(), minutes(busy))].into();
        Policy { retry: RetryPolicy { delays: minutes(delays), ladders, ..policy.retry }, ..policy }
    }

    #[test]
    fn a_delay_that_never_ends_in_the_hours_is_told_by_list() {
        let now: DateTime<Utc> = "2026-11-23T15:00:00Z".parse().unwrap();
        let told = |delays: &[i64], busy: &[i64]| against_hours(&policy(delays, busy), now).collect::<Vec<_>>();
        assert_eq!(told(&[5, 120, 479, 961, 1_440, 20_000], &[10, 1_440]), [""; 0]);
        let message = |delay: &str, list: &str| {
            format!("a delay of {delay} in `{list}` never ends in the client's hours: the call waits until they open")
        };
        assert_eq!(
            told(&[5, 480], &[600, 600, 900]),
            [
                message("8 h", "retry_delays"),
                message("10 h", "retry_ladder.busy"),
                message("15 h", "retry_ladder.busy")
            ]
        );
    }

    #[test]
    fn a_delay_beyond_the_longest_is_told_by_list() {
        let policy = policy(&[5], &[10, 2_880]);
        let told: Vec<String> = too_long(&policy.retry).collect();
        assert_eq!(told, ["a delay of 2880 minutes in `retry_ladder.busy` is longer than `retry_max_delay`, 1d"]);
    }
}
