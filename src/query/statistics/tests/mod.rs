//! Statistics of small queues, every figure worked out by hand.

mod agreement;
mod pruned;
mod sandbox;

use chrono::{DateTime, TimeDelta, Utc};

use self::sandbox::{End, Lead, Sandbox, at};
use super::StatisticsRequest;
use crate::contract::{AttemptCounts, ProcessingSeconds, ReasonCount, WaitSeconds};
use crate::model::{BreakdownKey, ItemId, Outcome, Priority, StatsBy, Status};
use crate::store::Resolution;

/// A time of Monday, 23 November 2026, UTC. New York opens at 14:00, Berlin at 08:00; each closes 8 hours later.
fn monday(time: &str) -> DateTime<Utc> {
    at(&format!("2026-11-23T{time}Z"))
}

fn now() -> DateTime<Utc> {
    monday("16:30:00")
}

fn ends(outcome: Outcome, reason: Option<&'static str>, resolution: Resolution, seconds: i64) -> Option<End> {
    Some(End { outcome, reason, resolution, seconds })
}

/// Percentiles and the longest time are the ends of their buckets: 25,296.895 s stand for 25,170 s, 100.351 s for 100 s.
fn some(avg: f64, p50: f64, p95: f64, max: f64) -> WaitSeconds {
    WaitSeconds { avg: Some(avg), p50: Some(p50), p95: Some(p95), max: Some(max) }
}

/// Ten items of `acme` and three of `zenith`, of every kind.
fn queue() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let mut add = |client, name: &str, priority, time: &str, expires: Option<&str>| -> ItemId {
        sandbox.add(Lead {
            client,
            name: name.to_owned(),
            priority,
            scheduled_at: monday(time),
            expires_at: expires.map(monday),
            zones: Vec::new(),
        })
    };
    let reached_late = add("acme", "reached after a retry", Priority::Normal, "14:00:00", None);
    let bad_number = add("acme", "bad number", Priority::High, "14:00:00", None);
    let accepted = add("acme", "accepted", Priority::Normal, "14:00:00", None);
    let held = add("acme", "held", Priority::Urgent, "15:00:00", None);
    let released = add("acme", "returned, free again", Priority::Normal, "15:30:00", None);
    let returned = add("acme", "returned until later", Priority::Normal, "15:40:00", None);
    add("acme", "due", Priority::Normal, "16:00:00", None);
    add("acme", "due, but it is a priority hour", Priority::Low, "16:00:00", None);
    add("acme", "expired", Priority::Normal, "16:10:00", Some("16:15:00"));
    add("acme", "later", Priority::Normal, "20:00:00", None);
    let given_up = add("zenith", "given up", Priority::Normal, "08:00:00", None);
    let reached = add("zenith", "reached", Priority::Normal, "09:00:00", None);
    add("zenith", "due, but Berlin is closed", Priority::Normal, "10:00:00", None);

    let again = |time: &str| Resolution::RetryAt { at: monday(time), due: monday(time) };
    let free_at = |time: &str| Resolution::Returned { not_before: Some(monday(time)) };
    let hung_up = ends(Outcome::Completed, Some("user_hangup"), Resolution::Completed, 60);
    let calls = [
        (given_up, "08:00:00", ends(Outcome::Retry, Some("busy"), again("08:05:00"), 30)),
        (given_up, "08:05:00", ends(Outcome::Retry, Some("no_answer"), Resolution::GaveUp { held: false }, 30)),
        (reached_late, "14:00:10", ends(Outcome::Retry, Some("no_answer"), again("14:10:00"), 20)),
        (bad_number, "14:00:30", ends(Outcome::Failed, Some("invalid"), Resolution::GaveUp { held: false }, 5)),
        (reached_late, "14:10:00", hung_up),
        (held, "15:00:00", ends(Outcome::Unknown, Some("exit status 1"), Resolution::GaveUp { held: true }, 100)),
        (released, "15:30:00", ends(Outcome::Returned, Some("line_down"), free_at("16:20:00"), 1)),
        (returned, "15:40:00", ends(Outcome::Returned, Some("line_down"), free_at("17:00:00"), 1)),
        (reached, "15:59:30", hung_up),
        (
            accepted,
            "16:12:00",
            ends(Outcome::Accepted, None, Resolution::Accepted { result_due_at: monday("18:00:00") }, 1),
        ),
    ];
    for (item, time, end) in calls {
        assert!(sandbox.call(item, monday(time), end), "{time}");
    }
    sandbox
}

#[test]
fn every_figure_of_two_clients() {
    let figures = queue().statistics(&StatisticsRequest::default(), now());
    assert_eq!(figures.by_status.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [0, 7, 1, 0, 2, 3, 0]);
    assert_eq!(figures.by_priority.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 1, 10, 1]);
    assert_eq!((figures.total_items, figures.in_progress, figures.held), (13, 1, 1));
    assert_eq!((figures.due_now, figures.waiting_for_hours), (2, 2));
    assert_eq!(figures.oldest_due_seconds, Some(6.5 * 3_600.0), "the one of zenith, though Berlin is closed");
    assert_eq!(figures.wait_seconds, some(33_130.0 / 8.0, 0.0, 25_296.895, 25_296.895));
    assert_eq!(figures.success_rate, Some(0.4));
    let tally = AttemptCounts { total: 10, completed: 2, retry: 3, failed: 1, unknown: 1, accepted: 1 };
    assert_eq!(figures.attempts, tally);
    assert_eq!(figures.answer_rate, Some(2.0 / 7.0));
    assert_eq!(figures.retry_success_rate, Some(0.5));
    assert_eq!(figures.throughput_per_hour, Some(7.0 / 8.5));
    assert_eq!(figures.processing_seconds, some(305.0 / 7.0, 30.079, 100.351, 100.351).into());
    let called = f64::from(20 + 5 + 60 + 100 + 18 * 60 + 30 + 30 + 30);
    let capacity = f64::from((2 * 3_600 + 1_800 - 10) * 2 + 8 * 3_600);
    assert_eq!(figures.business_hours_utilization, Some(called / capacity));
    let reasons = [("line_down", 2), ("no_answer", 2), ("busy", 1), ("exit status 1", 1), ("invalid", 1)];
    assert_eq!(
        figures.failure_reasons,
        reasons.map(|(reason, count)| ReasonCount { reason: reason.to_owned(), count })
    );
    assert_eq!(figures.by, []);
}

#[test]
fn since_counts_attempts_that_started_then_or_later() {
    let sandbox = queue();
    let since = |time: &str| StatisticsRequest { since: Some(monday(time)), ..StatisticsRequest::default() };
    let figures = sandbox.statistics(&since("15:00:00"), now());
    assert_eq!((figures.total_items, figures.due_now, figures.waiting_for_hours), (13, 2, 2), "as without");
    let tally = AttemptCounts { total: 5, completed: 1, unknown: 1, accepted: 1, ..AttemptCounts::default() };
    assert_eq!(figures.attempts, tally);
    assert_eq!(figures.wait_seconds, some(33_090.0 / 5.0, 0.0, 25_296.895, 25_296.895));
    assert_eq!(figures.success_rate, Some(0.5));
    assert_eq!(figures.retry_success_rate, None, "no item that was retried had its last attempt then");
    assert_eq!(figures.throughput_per_hour, Some(2.0 / 1.5));
    let capacity = f64::from((3_600 + 1_800) * 2 + 3_600);
    assert_eq!(figures.business_hours_utilization, Some(f64::from(100 + 18 * 60 + 30) / capacity));
    assert_eq!(sandbox.statistics(&since("15:00:00.001"), now()).attempts.total, 4);
    let at_the_last = sandbox.statistics(&since("16:12:00"), monday("16:12:00"));
    assert_eq!(at_the_last.attempts.total, 1, "an attempt that starts at this instant counts");
    assert_eq!(at_the_last.throughput_per_hour, None);
    let within = |time: &str| sandbox.statistics(&since("15:59:30"), monday(time));
    let less = within("16:00:29");
    assert_eq!(less.throughput_per_hour, None, "a minute says something, less does not");
    assert_eq!(less.business_hours_utilization, None);
    let minute = within("16:00:30");
    assert_eq!(minute.throughput_per_hour, Some(60.0));
    assert!(minute.business_hours_utilization.is_some());
}

#[test]
fn one_client_has_its_own_figures() {
    let sandbox = queue();
    let of = |client: &str| StatisticsRequest {
        client: Some(client.parse().unwrap()),
        by: Some(StatsBy::Key(BreakdownKey::Client)),
        ..StatisticsRequest::default()
    };
    let zenith = sandbox.statistics(&of("zenith"), now());
    assert_eq!((zenith.total_items, zenith.due_now, zenith.waiting_for_hours, zenith.held), (3, 0, 1, 0));
    assert_eq!((zenith.attempts.total, zenith.success_rate, zenith.retry_success_rate), (3, Some(0.5), Some(0.0)));
    assert_eq!(zenith.business_hours_utilization, Some(90.0 / (8.0 * 3_600.0)));
    assert_eq!(zenith.by.len(), 1);
    let acme = sandbox.statistics(&of("acme"), now());
    assert_eq!((acme.total_items, acme.due_now, acme.waiting_for_hours, acme.held), (10, 2, 1, 1));
    assert_eq!(acme.oldest_due_seconds, Some(3_600.0), "the one that was returned is as old as its slot");
}

#[test]
fn a_rate_of_nothing_is_none() {
    let mut sandbox = Sandbox::new();
    sandbox.add(Lead {
        client: "acme",
        name: "lead".into(),
        priority: Priority::Normal,
        scheduled_at: monday("20:00:00"),
        expires_at: None,
        zones: Vec::new(),
    });
    let unknown = StatisticsRequest { client: Some("nobody".parse().unwrap()), ..StatisticsRequest::default() };
    for (request, items) in [(StatisticsRequest::default(), 1), (unknown, 0)] {
        let figures = sandbox.statistics(&request, now());
        assert_eq!((figures.total_items, figures.due_now, figures.waiting_for_hours), (items, 0, 0));
        let rates = [
            figures.oldest_due_seconds,
            figures.success_rate,
            figures.answer_rate,
            figures.retry_success_rate,
            figures.throughput_per_hour,
            figures.business_hours_utilization,
        ];
        assert_eq!(rates, [None; 6]);
        assert_eq!(
            (figures.wait_seconds, figures.processing_seconds),
            (WaitSeconds::default(), ProcessingSeconds::default())
        );
    }
    let since = StatisticsRequest { since: Some(monday("15:00:00")), ..StatisticsRequest::default() };
    let figures = sandbox.statistics(&since, now());
    assert_eq!(figures.business_hours_utilization, Some(0.0), "the hours were open and nobody was called");
    assert_eq!(figures.throughput_per_hour, Some(0.0));
    let future = StatisticsRequest { since: Some(now() + TimeDelta::hours(1)), ..StatisticsRequest::default() };
    let figures = sandbox.statistics(&future, now());
    assert_eq!((figures.business_hours_utilization, figures.throughput_per_hour), (None, None));
}

#[test]
fn breakdowns_have_a_row_for_each_of_what_they_are_by() {
    let sandbox = queue();
    let rows = |by| sandbox.rows(by, now());
    let row = |key: &str, items, attempts, completed| (key.to_owned(), items, attempts, completed);
    assert_eq!(rows(BreakdownKey::Client), [row("acme", 10, 7, 1), row("zenith", 3, 3, 1)]);
    let priorities = [row("urgent", 1, 1, 0), row("high", 1, 1, 0), row("normal", 10, 8, 2), row("low", 1, 0, 0)];
    assert_eq!(rows(BreakdownKey::Priority), priorities);
    let hours = [row("Mon 09", 3, 5, 1), row("Mon 10", 3, 3, 0), row("Mon 11", 1, 1, 0), row("Mon 16", 1, 1, 1)];
    assert_eq!(rows(BreakdownKey::Hour), hours);
    assert_eq!(rows(BreakdownKey::Weekday), [row("Mon", 8, 10, 2)]);
    assert_eq!(rows(BreakdownKey::Day), [row("2026-11-23", 8, 10, 2)]);
    let reasons = [
        row("line_down", 2, 2, 0),
        row("no_answer", 2, 2, 0),
        row("user_hangup", 2, 2, 2),
        row("(none)", 1, 1, 0),
        row("busy", 1, 1, 0),
        row("exit status 1", 1, 1, 0),
        row("invalid", 1, 1, 0),
    ];
    assert_eq!(rows(BreakdownKey::Reason), reasons);
    assert_eq!(rows(BreakdownKey::Attempt), [row("1", 8, 8, 1), row("2", 2, 2, 1)]);
}

#[test]
fn a_day_is_the_clients_own_and_an_item_counts_once_in_it() {
    let mut sandbox = Sandbox::new();
    let mut lead = |client, name: &str| {
        sandbox.add(Lead {
            client,
            name: name.to_owned(),
            priority: Priority::Urgent,
            scheduled_at: monday("00:00:00"),
            expires_at: None,
            zones: Vec::new(),
        })
    };
    let (acme, zenith) = (lead("acme", "a"), lead("zenith", "z"));
    let midnight = monday("00:00:00");
    let again = ends(Outcome::Retry, None, Resolution::RetryAt { at: midnight, due: midnight }, 1);
    for (item, time) in [(acme, "02:00:00"), (acme, "04:00:00"), (acme, "06:00:00"), (zenith, "02:00:00")] {
        assert!(sandbox.call(item, monday(time), again));
    }
    let row = |key: &str, items, attempts| (key.to_owned(), items, attempts, 0);
    assert_eq!(sandbox.rows(BreakdownKey::Day, now()), [row("2026-11-22", 1, 2), row("2026-11-23", 2, 2)]);
    assert_eq!(sandbox.rows(BreakdownKey::Weekday, now()), [row("Mon", 2, 2), row("Sun", 1, 2)]);
    assert_eq!(sandbox.rows(BreakdownKey::Reason, now()), [row("(none)", 2, 4)]);
    let since = StatisticsRequest {
        since: Some(monday("03:00:00")),
        by: Some(StatsBy::Key(BreakdownKey::Day)),
        ..StatisticsRequest::default()
    };
    let rows = sandbox.statistics(&since, now()).by;
    assert_eq!(rows.iter().map(|row| row.items).collect::<Vec<_>>(), [1, 1], "only attempts in the range count");
}

#[test]
fn hours_and_weekdays_follow_the_clock_of_the_lead_and_days_that_of_the_client() {
    let mut sandbox = Sandbox::new();
    let zones = [vec![], vec!["Asia/Tokyo"], vec!["America/Denver", "America/Los_Angeles"], vec!["Asia/Tokyo"]];
    for (index, zones) in zones.into_iter().enumerate() {
        let item = sandbox.add(Lead {
            client: "acme",
            name: format!("lead {index}"),
            priority: Priority::Normal,
            scheduled_at: monday("15:00:00"),
            expires_at: None,
            zones,
        });
        let answered = ends(Outcome::Completed, None, Resolution::Completed, 1);
        assert!(sandbox.call(item, monday("15:30:00"), answered));
    }
    let row = |key: &str, calls| (key.to_owned(), calls, calls, calls);
    let hours = [row("Mon 08", 1), row("Mon 10", 1), row("Tue 00", 2)];
    assert_eq!(sandbox.rows(BreakdownKey::Hour, now()), hours, "of several zones the first by name");
    assert_eq!(sandbox.rows(BreakdownKey::Weekday, now()), [row("Mon", 2), row("Tue", 2)]);
    assert_eq!(sandbox.rows(BreakdownKey::Day, now()), [row("2026-11-23", 4)]);
}

#[test]
fn zones_of_the_lead_close_the_window_too() {
    let mut sandbox = Sandbox::new();
    for (name, zones) in [("home", vec![]), ("west", vec!["Asia/Tokyo"]), ("both", vec!["America/Chicago"])] {
        sandbox.add(Lead {
            client: "acme",
            name: name.to_owned(),
            priority: Priority::Normal,
            scheduled_at: monday("14:00:00"),
            expires_at: None,
            zones,
        });
    }
    let figures = sandbox.statistics(&StatisticsRequest::default(), now());
    assert_eq!((figures.due_now, figures.waiting_for_hours), (2, 1));
    let night = sandbox.statistics(&StatisticsRequest::default(), monday("23:30:00"));
    assert_eq!((night.due_now, night.waiting_for_hours), (0, 3));
    assert_eq!(night.oldest_due_seconds, Some(9.5 * 3_600.0));
    assert_eq!(night.by_status.iter().find(|(status, _)| *status == Status::Scheduled), Some(&(Status::Scheduled, 3)));
}
