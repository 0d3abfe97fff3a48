//! When an event is sent again, when it dies, and when a receiver is left alone.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::OutboxEvent;
use crate::store::ReceiverHealth;

/// An event is dead after this time without a delivery.
pub(super) const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(3);

/// callq sends nothing for this time to a receiver that answers 410 (gone).
const GONE_FOR: TimeDelta = TimeDelta::days(1);

/// The longest wait that a receiver may ask for.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(1);

/// After this number of refusals in a row the receiver itself is at fault.
const REFUSALS: u32 = 5;

/// What became of an event that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Taken,
    /// This event is at fault: the next one may be taken.
    Refused(String),
    /// The receiver is at fault; it may say how long it wants to be left alone.
    Unavailable(String, Option<TimeDelta>),
    /// The receiver wants no more events.
    Gone(String),
}

/// How long after the n-th failure in a row the next delivery is tried.
fn pause(failures: u32) -> TimeDelta {
    match failures {
        0 | 1 => TimeDelta::seconds(5),
        2 => TimeDelta::minutes(1),
        3 => TimeDelta::minutes(5),
        4 => TimeDelta::minutes(15),
        5 => TimeDelta::minutes(30),
        _ => TimeDelta::hours(1),
    }
}

/// When an event is sent again after an answer; none for never.
pub(super) fn again_at(event: &OutboxEvent, answer: &Answer, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let tried_for = event.first_try_at.map_or(TimeDelta::zero(), |first| now - first);
    let is_over = matches!(answer, Answer::Gone(_)) || tried_for >= GIVE_UP_AFTER;
    (!is_over).then(|| now + pause(event.failures.saturating_add(1)))
}

/// How a receiver does after an answer.
pub(super) fn health_after(before: ReceiverHealth, answer: &Answer, now: DateTime<Utc>) -> ReceiverHealth {
    let failures = before.failures.saturating_add(1);
    let rest = match answer {
        Answer::Taken => return ReceiverHealth::default(),
        Answer::Refused(_) if failures < REFUSALS => None,
        Answer::Refused(_) => Some(pause(failures - REFUSALS + 1)),
        Answer::Unavailable(_, wanted) => {
            let wanted = wanted.map_or(TimeDelta::zero(), |wanted| wanted.min(LONGEST_WAIT));
            Some(pause(failures).max(wanted))
        }
        Answer::Gone(_) => Some(GONE_FOR),
    };
    let failing_since = before.failing_since.or(Some(now));
    ReceiverHealth { failures, failing_since, rests_until: rest.map(|rest| now + rest) }
}

/// Whether a receiver is left alone. A rest that is longer than any was begun by another clock.
pub(super) fn rests(health: ReceiverHealth, now: DateTime<Utc>) -> bool {
    health.rests_until.is_some_and(|until| now < until && until - now <= GONE_FOR)
}

/// What of a receiver dies: what happened before this instant, once it has failed for too long.
pub(super) fn die_before(health: ReceiverHealth, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let has_failed_long = health.failing_since.is_some_and(|since| now - since >= GIVE_UP_AFTER);
    has_failed_long.then(|| now - GIVE_UP_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_receiver_that_is_down_rests_longer_and_longer_and_its_events_die_after_three_days() {
        let down = Answer::Unavailable("no answer".to_owned(), None);
        let (mut health, mut now, mut rests_seen) = (ReceiverHealth::default(), at(0), Vec::new());
        while die_before(health, now).is_none() {
            health = health_after(health, &down, now);
            let until = health.rests_until.unwrap();
            assert!(rests(health, now) && !rests(health, until));
            rests_seen.push((until - now).num_seconds());
            now = until;
        }
        assert_eq!(rests_seen[..7], [5, 60, 300, 900, 1_800, 3_600, 3_600]);
        assert_eq!((now - at(0)).num_days(), 3);
        assert_eq!(health_after(health, &Answer::Taken, now), ReceiverHealth::default());
    }

    #[test]
    fn one_refused_event_holds_up_nobody_and_many_do() {
        let refused = Answer::Refused("400".to_owned());
        let mut health = ReceiverHealth::default();
        for _ in 1..REFUSALS {
            health = health_after(health, &refused, at(0));
            assert_eq!(health.rests_until, None);
        }
        assert_eq!(health_after(health, &refused, at(0)).rests_until, Some(at(0) + TimeDelta::seconds(5)));
    }

    #[test]
    fn a_receiver_may_ask_for_time_within_a_day() {
        let asked = |seconds| Answer::Unavailable(String::new(), Some(TimeDelta::seconds(seconds)));
        let until = |answer: &Answer| health_after(ReceiverHealth::default(), answer, at(0)).rests_until.unwrap();
        assert_eq!(until(&asked(90)), at(0) + TimeDelta::seconds(90));
        assert_eq!(until(&asked(1)), at(0) + TimeDelta::seconds(5));
        assert_eq!(until(&asked(10_000_000)), at(24 * 60));
        assert_eq!(until(&Answer::Gone(String::new())), at(24 * 60));
        // Its clock was a year ahead.
        let health = ReceiverHealth { rests_until: Some(at(500_000)), ..ReceiverHealth::default() };
        assert!(!rests(health, at(0)));
    }
}
