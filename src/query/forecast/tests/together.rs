//! Clients that share the calls of one run: shares, what is conserved, and what the same room for all means.

use super::*;
use crate::model::{ClientId, Served};
use crate::query::forecast::play::{Plan, runs_together};
use crate::query::forecast::together::Sharer;
use crate::scheduler::Share;

impl Game {
    /// The game as that of a client.
    fn of_client(&self, name: &str, share: u32, known_since: i64) -> ClientCase {
        ClientCase {
            client: name.parse::<ClientId>().unwrap(),
            policy: Arc::new(self.policy.clone()),
            backlog: self.backlog(),
            // Without any doubt about the times of calls.
            world: World { calls: 1_000_000_000_000, ..self.world() },
            open_calls: Vec::new(),
            recent_starts: Vec::new(),
            starts_at: from_millis(self.now),
            sharer: Sharer { share: Share::new(share).unwrap(), served: Served::default(), known_since },
        }
    }
}

/// The tallies of the clients after this number of minutes, with this number of calls at once for all of them.
fn tallies(cases: &[ClientCase], minutes: i64, most: usize) -> Vec<Tally> {
    let now = at(MONDAY);
    let (start, end) = (from_millis(now).unwrap(), from_millis(now + minutes * 60_000).unwrap());
    let calendar = Calendar::new(&cases[0].policy.hours.zone, start, 370);
    let plans: Vec<_> =
        cases.iter().map(|case| Plan::new(case, &case.backlog, &calendar, (start, end), 1, &|| ())).collect();
    runs_together(&plans, 1, most).remove(0)
}

fn calls(cases: &[ClientCase], minutes: i64, most: usize) -> Vec<u64> {
    tallies(cases, minutes, most).iter().map(|tally| tally.calls).collect()
}

/// Every call takes a minute, so that each of four lines takes one a minute.
#[test]
fn what_a_run_has_is_divided_by_shares() {
    let game = Game::of(200, 60.0, MONDAY);
    let three_to_one = [game.of_client("acme", 3, 1), game.of_client("globex", 1, 2)];
    assert_eq!(calls(&three_to_one, 10, 4), [30, 10]);
    let equal = [game.of_client("acme", 1, 1), game.of_client("globex", 1, 2)];
    assert_eq!(calls(&equal, 10, 4), [20, 20]);
}

#[test]
fn a_client_without_work_saves_nothing_up() {
    let (first, mut late) = (Game::of(200, 60.0, MONDAY), Game::of(200, 60.0, MONDAY));
    late.items.iter_mut().for_each(|(.., item)| item.due += 5 * 60_000);
    let cases = [first.of_client("acme", 1, 1), late.of_client("globex", 3, 2)];
    assert_eq!(calls(&cases, 5, 4), [20, 0]);
    // 5 minutes with four calls each: a quarter of them.
    assert_eq!(calls(&cases, 10, 4), [20 + 5, 15]);
}

#[test]
fn clients_with_room_for_all_lines_do_not_feel_each_other() {
    let (mut one, other) = (mixed(300, 5), mixed(200, 3));
    one.policy.limits.max_per_minute = 4;
    let cases = [one.of_client("acme", 1, 1), other.of_client("globex", 7, 2)];
    let (now, minutes) = (from_millis(one.now).unwrap(), 60 * 24 * 20);
    let alone = |case: &ClientCase| {
        let calendar = Calendar::new(&case.policy.hours.zone, now, 370);
        let end = now + TimeDelta::minutes(minutes);
        let plan = Plan::new(case, &case.backlog, &calendar, (now, end), 1, &|| ());
        let tally = plan.runs(1).remove(0);
        (tally.calls, tally.failed, tally.done())
    };
    let together = tallies(&cases, minutes, 8).into_iter().map(|tally| (tally.calls, tally.failed, tally.done()));
    assert_eq!(together.collect::<Vec<_>>(), cases.iter().map(alone).collect::<Vec<_>>());
}

#[test]
fn nothing_is_lost_and_less_room_is_rarely_earlier() {
    let (mut earlier, mut pairs) = (0, 0);
    for (leads, others, share) in (1..25).map(|n| (7 * n % 60 + 1, 11 * n % 60 + 1, n % 20 + 1)) {
        let (one, other) = (mixed(leads, 4), mixed(others, 4));
        let cases = [one.of_client("acme", share as u32, 1), other.of_client("globex", 1, 2)];
        let mut done = Vec::new();
        for most in [1, 3, 8] {
            let tallies = tallies(&cases, 60 * 24 * 200, most);
            for (tally, items) in tallies.iter().zip([leads, others]) {
                assert_eq!(tally.completed + tally.failed + tally.expired + tally.left, items as u64);
            }
            done.push(tallies.iter().filter_map(Tally::done).max());
        }
        pairs += done.len() - 1;
        earlier += done.windows(2).filter(|pair| pair[0] < pair[1]).count();
    }
    assert!(earlier * 20 <= pairs, "{earlier} of {pairs}");
}
