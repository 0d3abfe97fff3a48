//! What `prune` deletes stays in the figures: the answers before and after it are the same where that is promised.

use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::agreement::{call, lead, minute, play};
use super::sandbox::{End, Lead, Sandbox, at, book};
use crate::contract::{StatsView, WaitSeconds};
use crate::model::{BreakdownKey, ClientId, Outcome, Priority, StatsBy};
use crate::query::StatisticsRequest;
use crate::store::{Prune, Resolution, StepClock, Store};

const ALL: Prune<'static> = Prune {
    client: None,
    statuses: &[],
    before: DateTime::<Utc>::MAX_UTC,
    of_clients: &[],
    counted_since: DateTime::<Utc>::MAX_UTC,
};

const UNBOUNDED: StepClock<'static> = StepClock { elapsed: &|| Duration::ZERO, at_most: Duration::MAX };

/// Deletes up to `most` items in one transaction; gives back how many.
fn step(store: &mut Store, prune: &Prune<'_>, most: usize) -> u64 {
    let policies = book();
    let day_of = |client: &ClientId, at: DateTime<Utc>| policies.of(client).hours.zone.local(at).date();
    let read = store.prunable(prune, None, most).unwrap();
    store.prune(prune, &read, &day_of, UNBOUNDED).unwrap().pruned.items
}

fn by(key: BreakdownKey) -> StatisticsRequest {
    StatisticsRequest { by: Some(StatsBy::Key(key)), ..StatisticsRequest::default() }
}

/// The figures without those of the items that are there, and without what is said of pruned calls.
fn of_calls(view: StatsView) -> StatsView {
    let (by_status, by_priority) = (Vec::new(), Vec::new());
    StatsView { total_items: 0, by_status, by_priority, pruned: Default::default(), ..view }
}

/// The figures of a range without those that no sum tells.
fn of_range(view: StatsView) -> StatsView {
    let mean = |spread: WaitSeconds| WaitSeconds { avg: spread.avg, ..WaitSeconds::default() };
    let took = WaitSeconds { avg: view.processing_seconds.avg, ..WaitSeconds::default() };
    let wait_seconds = mean(view.wait_seconds);
    let by = view.by.iter().cloned().map(|row| crate::contract::Breakdown { items: 0, ..row }).collect();
    StatsView { wait_seconds, processing_seconds: took.into(), by, ..of_calls(view) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn figures_of_calls_stay_whatever_is_pruned(
        leads in proptest::collection::vec(lead(), 1..12),
        calls in proptest::collection::vec(call(), 0..20),
        most in 1_usize..4,
        (since, until) in (0_i64..300, 1_i64..100),
        client in proptest::option::of(proptest::sample::select(vec!["acme", "zenith"])),
    ) {
        let mut sandbox = play(&leads, &calls);
        let now = minute(6 * 24 * 60);
        let client: Option<ClientId> = client.map(|name| name.parse().unwrap());
        let (since, until) = (minute(since * 15), minute((since + until) * 15));
        let ask = |sandbox: &Sandbox, key: BreakdownKey| {
            let whole = StatisticsRequest { client: client.clone(), ..by(key) };
            let range = StatisticsRequest { since: Some(since), until: Some(until), ..whole.clone() };
            let open = StatisticsRequest { since: None, ..range.clone() };
            let [whole, range, open] = [whole, range, open].map(|request| sandbox.statistics(&request, now));
            let mut whole = of_calls(whole);
            if key == BreakdownKey::Client {
                // These are the items that are there.
                whole.by.iter_mut().for_each(|row| row.items = 0);
                whole.by.retain(|row| row.attempts > 0);
            }
            let rows = |view: StatsView| {
                let mut view = of_range(view);
                view.by.retain(|row| row.attempts > 0);
                view
            };
            (whole, rows(range), rows(open))
        };
        let before = [BreakdownKey::Day, BreakdownKey::Client].map(|key| ask(&sandbox, key));
        while step(&mut sandbox.store, &ALL, most) > 0 {
            let after = [BreakdownKey::Day, BreakdownKey::Client].map(|key| ask(&sandbox, key));
            prop_assert_eq!(&after, &before);
            prop_assert_eq!(sandbox.store.miscounts().unwrap(), vec![]);
        }
    }
}

/// Two calls of one item of `acme`, at 9:07 and on the next day; one of `zenith`, by the clock of Berlin.
fn two_clients() -> Sandbox {
    let mut sandbox = Sandbox::new();
    for (client, name) in [("acme", "a"), ("zenith", "b")] {
        sandbox.add(Lead {
            client,
            name: name.to_owned(),
            priority: Priority::Normal,
            scheduled_at: at("2026-11-23T14:00:00Z"),
            expires_at: None,
            zones: Vec::new(),
        });
    }
    let again = at("2026-11-24T14:00:00Z");
    let busy = End {
        outcome: Outcome::Retry,
        reason: Some("busy"),
        resolution: Resolution::RetryAt { at: again, due: again },
        seconds: 10,
    };
    let reached = End { outcome: Outcome::Completed, reason: None, resolution: Resolution::Completed, seconds: 30 };
    let [acme, zenith] = [1, 2].map(|id: u64| id.to_string().parse().unwrap());
    assert!(sandbox.call(acme, at("2026-11-23T14:07:00Z"), Some(busy)));
    assert!(sandbox.call(zenith, at("2026-11-23T14:20:00Z"), Some(reached)));
    assert!(sandbox.call(acme, again, Some(reached)));
    sandbox
}

#[test]
fn a_range_has_the_quarters_that_begin_in_it_and_says_where_it_cuts_one() {
    let mut sandbox = two_clients();
    let now = at("2026-11-26T12:00:00Z");
    assert_eq!(step(&mut sandbox.store, &ALL, 9), 2);
    let ask = |since: &str, until: Option<&str>| {
        let (since, until) = (Some(at(since)), until.map(at));
        sandbox.statistics(&StatisticsRequest { since, until, ..by(BreakdownKey::Day) }, now)
    };
    let view = ask("2026-11-23T14:00:00Z", None);
    assert_eq!((view.attempts.total, view.pruned.attempts, view.pruned.from), (3, 3, None));
    let view = ask("2026-11-23T14:05:00Z", None);
    assert_eq!((view.attempts.total, view.pruned.from), (2, Some(at("2026-11-23T14:15:00Z"))));
    let view = ask("2026-11-23T14:00:00Z", Some("2026-11-23T14:16:00Z"));
    assert_eq!((view.attempts.total, view.pruned.before), (2, Some(at("2026-11-23T14:30:00Z"))));
    assert_eq!(view.wait_seconds, WaitSeconds { avg: Some((7.0 + 20.0) * 60.0 / 2.0), ..WaitSeconds::default() });
    // Nothing was called in the quarters that these bounds cut.
    let view = ask("2026-11-23T13:50:00Z", Some("2026-11-24T10:01:00Z"));
    assert_eq!((view.attempts.total, view.pruned.from, view.pruned.before), (2, None, None));
}

#[test]
fn a_day_is_one_of_the_clients_calendar_and_what_has_no_sum_says_so() {
    let mut sandbox = two_clients();
    let now = at("2026-11-26T12:00:00Z");
    let before = sandbox.rows(BreakdownKey::Day, now);
    assert_eq!(before, [("2026-11-23".to_owned(), 2, 2, 1), ("2026-11-24".to_owned(), 1, 1, 1)]);
    let acme = "acme".parse().unwrap();
    assert_eq!(step(&mut sandbox.store, &Prune { client: Some(&acme), ..ALL }, 9), 1);
    assert_eq!(sandbox.rows(BreakdownKey::Day, now), before);
    assert_eq!(sandbox.rows(BreakdownKey::Attempt, now), [("1".to_owned(), 1, 1, 1)]);
    let hours = sandbox.statistics(&by(BreakdownKey::Hour), now);
    assert_eq!((hours.pruned.attempts, hours.pruned.in_breakdown, hours.attempts.total), (2, false, 3));
    assert_eq!(step(&mut sandbox.store, &ALL, 9), 1, "the rest by a second prune");
    assert_eq!(sandbox.rows(BreakdownKey::Day, now), before);
    let clients = sandbox.rows(BreakdownKey::Client, now);
    assert_eq!(clients, [("acme".to_owned(), 0, 2, 1), ("zenith".to_owned(), 0, 1, 1)]);
}

#[test]
fn a_step_that_fails_leaves_rows_and_sums_as_they_were() {
    let mut sandbox = two_clients();
    let now = at("2026-11-26T12:00:00Z");
    let ask = |sandbox: &Sandbox| sandbox.statistics(&by(BreakdownKey::Day), now);
    let before = ask(&sandbox);
    sandbox
        .sabotage("CREATE TRIGGER fails BEFORE DELETE ON items WHEN old.id = 2 BEGIN SELECT RAISE(ABORT, 'no'); END");
    let read = sandbox.store.prunable(&ALL, None, 9).unwrap();
    let day_of = |_: &ClientId, at: DateTime<Utc>| at.date_naive();
    sandbox.store.prune(&ALL, &read, &day_of, UNBOUNDED).unwrap_err();
    assert_eq!(ask(&sandbox), before);
    sandbox.sabotage("DROP TRIGGER fails");
    assert_eq!(step(&mut sandbox.store, &ALL, 9), 2);
    assert_eq!(of_calls(ask(&sandbox)), of_calls(before));
    assert_eq!(ask(&sandbox).total_items, 0);
}
