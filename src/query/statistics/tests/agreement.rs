//! Statistics of random queues agree with a plain count of items and attempts, one by one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::sandbox::{End, Lead, Sandbox, at, book, policy};
use crate::model::{BreakdownKey, Item, ItemId, Outcome, Priority, StatsBy, Status};
use crate::query::StatisticsRequest;
use crate::query::statistics::business_time;
use crate::scheduler::{Layer, LegalPlace, is_open, layer, lead_zones};
use crate::store::{Filter, Page, Resolution, SortKey};

/// Minutes from a Friday evening on, so that a weekend lies in the middle.
pub(super) fn minute(minutes: i64) -> DateTime<Utc> {
    at("2026-11-20T20:00:00Z") + TimeDelta::minutes(minutes)
}

/// Four days in minutes.
const SPAN: i64 = 4 * 24 * 60;

pub(super) fn lead() -> impl Strategy<Value = (bool, usize, i64, Option<i64>, usize)> {
    (any::<bool>(), 0_usize..4, 0..SPAN, proptest::option::of(0..SPAN), 0_usize..3)
}

/// Which item, how many minutes after the last call, how it ends, for how many minutes.
pub(super) fn call() -> impl Strategy<Value = (usize, i64, u8, i64)> {
    (0_usize..12, 0..SPAN / 20, 0_u8..8, 0_i64..600)
}

fn end(kind: u8, started_at: DateTime<Utc>, minutes: i64) -> Option<End> {
    let later = started_at + TimeDelta::minutes(minutes * 3);
    let (outcome, reason, resolution) = match kind {
        0 | 1 => (Outcome::Completed, None, Resolution::Completed),
        2 => (Outcome::Retry, Some("busy"), Resolution::RetryAt { at: later, due: later }),
        3 => (Outcome::Retry, Some("no_answer"), Resolution::RetryAt { at: started_at, due: started_at }),
        4 => (Outcome::Unknown, None, Resolution::GaveUp { held: true }),
        5 => (Outcome::Returned, Some("line_down"), Resolution::Returned { not_before: Some(later) }),
        6 => (Outcome::Unavailable, None, Resolution::Returned { not_before: None }),
        _ => return None,
    };
    Some(End { outcome, reason, resolution, seconds: 1 })
}

/// Queues leads and calls them, in the order of time.
pub(super) fn play(leads: &[(bool, usize, i64, Option<i64>, usize)], calls: &[(usize, i64, u8, i64)]) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let mut items: Vec<ItemId> = Vec::new();
    for (number, (zenith, priority, scheduled, expires, zones)) in leads.iter().enumerate() {
        items.push(sandbox.add(Lead {
            client: if *zenith { "zenith" } else { "acme" },
            name: number.to_string(),
            priority: Priority::ALL[*priority],
            scheduled_at: minute(*scheduled),
            expires_at: expires.map(minute),
            zones: ["Asia/Tokyo", "America/Chicago"].into_iter().take(*zones).collect(),
        }));
    }
    let mut clock = minute(0);
    for (item, wait, kind, minutes) in calls {
        clock += TimeDelta::minutes(*wait);
        if let Some(item) = items.get(*item) {
            sandbox.call(*item, clock, end(*kind, clock, *minutes));
        }
    }
    sandbox
}

fn is_due(item: &Item, now: DateTime<Utc>) -> bool {
    item.status.is_waiting()
        && item.scheduled_at <= now
        && item.not_before.is_none_or(|at| at <= now)
        && item.expires_at.is_none_or(|at| now < at)
}

fn every_item(sandbox: &Sandbox) -> Vec<Item> {
    let page = Page { sort: SortKey::Id, reverse: false, after: None, limit: 1_000 };
    sandbox.store.page(&Filter::default(), page).unwrap()
}

/// The items of each row of a breakdown by time or reason: every attempt put into its row, and each item once.
fn plain_rows(
    kind: BreakdownKey,
    sandbox: &Sandbox,
    items: &[Item],
    request: &StatisticsRequest,
) -> Option<BTreeMap<String, u64>> {
    let pattern = match kind {
        BreakdownKey::Hour => "%a %H",
        BreakdownKey::Weekday => "%a",
        BreakdownKey::Day => "%Y-%m-%d",
        BreakdownKey::Reason => "",
        BreakdownKey::Client
        | BreakdownKey::Priority
        | BreakdownKey::Attempt
        | BreakdownKey::Zone
        | BreakdownKey::Number => return None,
    };
    let mut rows: BTreeMap<String, BTreeSet<ItemId>> = BTreeMap::new();
    for item in items {
        for attempt in sandbox.store.history(item.id).unwrap() {
            let start = attempt.started_at;
            if request.since.is_some_and(|since| start < since) {
                continue;
            }
            let home = book().of(&item.client).hours.zone.clone();
            let of_lead = lead_zones(&item.place.zones).unwrap().into_iter().next();
            let local = match kind {
                BreakdownKey::Hour | BreakdownKey::Weekday => of_lead.unwrap_or(home).local(start),
                _ => home.local(start),
            };
            let key = match kind {
                BreakdownKey::Reason => attempt.reason.unwrap_or_else(|| "(none)".to_owned()),
                _ => local.format(pattern).to_string(),
            };
            rows.entry(key).or_default().insert(item.id);
        }
    }
    Some(rows.into_iter().map(|(key, items)| (key, items.len() as u64)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn counts_agree_with_a_plain_count(
        leads in proptest::collection::vec(lead(), 1..12),
        calls in proptest::collection::vec(call(), 0..20),
        minutes in 0..SPAN,
        since in proptest::option::of(0..SPAN),
    ) {
        let sandbox = play(&leads, &calls);
        let now = minute(minutes);
        let request = StatisticsRequest { since: since.map(minute), ..StatisticsRequest::default() };
        let figures = sandbox.statistics(&request, now);
        let items = every_item(&sandbox);
        prop_assert_eq!(figures.total_items, items.len() as u64);
        for (status, count) in &figures.by_status {
            prop_assert_eq!(*count, items.iter().filter(|item| item.status == *status).count() as u64);
        }
        let held = items.iter().filter(|item| item.held).count() as u64;
        prop_assert_eq!(figures.held, held);

        let policies = book();
        let due: Vec<&Item> = items.iter().filter(|item| is_due(item, now)).collect();
        let open = due.iter().filter(|item| {
            let hours = &policies.of(&item.client).hours;
            is_open(hours, &LegalPlace::of(hours, &item.place).unwrap(), item.priority, now)
        }).count() as u64;
        prop_assert_eq!((figures.due_now, figures.waiting_for_hours), (open, due.len() as u64 - open));
        let oldest = due.iter().map(|item| (now - item.scheduled_at).num_milliseconds() as f64 / 1_000.0);
        prop_assert_eq!(figures.oldest_due_seconds, oldest.max_by(f64::total_cmp));

        let mut total = 0;
        let (mut retried, mut reached) = (0_u64, 0_u64);
        for item in &items {
            let history = sandbox.store.history(item.id).unwrap();
            let in_range = |at: DateTime<Utc>| request.since.is_none_or(|since| at >= since);
            let starts = history.iter().map(|attempt| attempt.started_at).filter(|at| in_range(*at)).count();
            total += starts as u64;
            let last_counts = history.last().is_some_and(|attempt| in_range(attempt.started_at));
            if last_counts && item.retry_count() > 0 && item.status.is_finished() {
                retried += 1;
                reached += u64::from(item.status == Status::Completed);
            }
        }
        prop_assert_eq!(figures.attempts.total, total);
        let rate = (retried > 0).then(|| reached as f64 / retried as f64);
        prop_assert_eq!(figures.retry_success_rate, rate);

        for kind in BreakdownKey::ALL.iter().copied() {
            let rows = sandbox.statistics(&StatisticsRequest { by: Some(StatsBy::Key(kind)), ..request.clone() }, now).by;
            prop_assert_eq!(rows.iter().map(|row| row.attempts).sum::<u64>(), total, "{}", kind);
            let completed = rows.iter().map(|row| row.completed).sum::<u64>();
            prop_assert_eq!(completed, figures.attempts.completed, "{}", kind);
            let in_rows = rows.iter().map(|row| row.items).sum::<u64>();
            match kind {
                BreakdownKey::Client | BreakdownKey::Priority => prop_assert_eq!(in_rows, figures.total_items),
                BreakdownKey::Attempt => prop_assert_eq!(in_rows, total),
                _ => {}
            }
            if let Some(expected) = plain_rows(kind, &sandbox, &items, &request) {
                let found = rows.into_iter().map(|row| {
                    (row.weekday.map_or(row.key.clone(), |day| format!("{day} {}", row.key)), row.items)
                });
                prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), expected, "{}", kind);
            }
        }
    }

    #[test]
    fn what_is_kept_agrees_with_what_is_read(
        leads in proptest::collection::vec(lead(), 1..12),
        calls in proptest::collection::vec(call(), 0..20),
    ) {
        let sandbox = play(&leads, &calls);
        prop_assert_eq!(sandbox.store.miscounts().unwrap(), []);
        for client in [None, Some("acme".parse().unwrap()), Some("zenith".parse().unwrap())] {
            let kept = StatisticsRequest { client, ..StatisticsRequest::default() };
            // No attempt is older, so that all of them are read.
            let read = StatisticsRequest { since: Some(minute(-1)), ..kept.clone() };
            let [kept, read] = [kept, read].map(|request| sandbox.statistics(&request, minute(SPAN)));
            prop_assert_eq!(kept.wait_seconds, read.wait_seconds);
            prop_assert_eq!(kept.processing_seconds, read.processing_seconds);
            prop_assert_eq!(kept.attempts, read.attempts);
            prop_assert_eq!(kept.retry_success_rate, read.retry_success_rate);
            prop_assert_eq!(kept.failure_reasons, read.failure_reasons);
        }
    }

    #[test]
    fn business_time_agrees_with_the_windows(start in 0..SPAN, minutes in 0..SPAN) {
        let hours = policy("America/New_York", 1).hours;
        let (start, end) = (minute(start), minute(start + minutes));
        let mut inside = 0;
        for window in layer(&hours, &LegalPlace::home(&hours), Layer::Business, minute(0), minute(2 * SPAN)) {
            inside += (window.end.min(end) - window.start.max(start)).num_milliseconds().max(0);
        }
        prop_assert_eq!(business_time(&hours, start, end), inside.unsigned_abs());
    }
}
