//! Whose turn it is among clients that share something: start-time fair queueing over calls.
//!
//! After Goyal, Vin and Cheng, "Start-time Fair Queuing" (SIGCOMM 1996), with calls instead of packets. A call that starts
//! at S ends at F = S + 1/share on a scale of calls, and the client's next one starts at max(F, v), where v is the largest
//! start that was served. The least start comes first, then the client that was served longest ago.
//!
//! **Bound**: while client i waits and may call, each other client j starts at most `share_j / share_i + 1` calls between
//! two of i's. A client that is idle saves nothing up. Where all shares are equal, clients are called in turn.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::model::Served;

/// The length of one call of a client with share 1: the least number that 1 to 12 divide. Other shares are rounded down.
const CALL: i64 = 27_720;

/// How much of what clients share goes to one of them, against the shares of the others: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u8);

impl Share {
    pub const LEAST: Share = Share(1);
    pub const MOST: Share = Share(100);

    /// A share of this size; none outside of 1 to 100.
    pub fn new(size: u32) -> Option<Share> {
        u8::try_from(size).ok().map(Share).filter(|share| (Share::LEAST..=Share::MOST).contains(share))
    }

    pub fn size(self) -> u32 {
        self.0.into()
    }

    /// The length of a call: 1/share.
    fn step(self) -> i64 {
        CALL / i64::from(self.0.max(1))
    }
}

/// A client in the order of [`ShareQueue`]: the lesser one is served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    start_tag: i64,
    last_turn: i64,
    /// Decides between clients that never had a turn.
    known_since: i64,
    /// What the caller knows it by.
    pub client: usize,
}

/// The clients that wait for a turn.
#[derive(Debug, Default)]
pub struct ShareQueue {
    /// The largest start tag that was served.
    virtual_time: i64,
    last_turn: i64,
    waiting: BinaryHeap<Reverse<Waiting>>,
}

impl ShareQueue {
    /// Counts what a client was served, also while it may not call. Called before any client waits.
    pub fn note(&mut self, share: Share, served: Served) {
        self.virtual_time = self.virtual_time.max(served.finish_tag.saturating_sub(share.step()));
        self.last_turn = self.last_turn.max(served.last_turn);
    }

    /// Lets a client wait for a turn.
    pub fn wait(&mut self, client: usize, known_since: i64, served: Served) {
        let start_tag = served.finish_tag.max(self.virtual_time);
        self.waiting.push(Reverse(Waiting { start_tag, last_turn: served.last_turn, known_since, client }));
    }

    /// The client whose turn it is; it waits no longer.
    pub fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop().map(|Reverse(next)| next)
    }

    /// The client whose turn it is makes its call, and waits again. Gives back what is to be remembered.
    pub fn serve(&mut self, next: &Waiting, share: Share) -> Served {
        // No other client starts before this one, so that a later virtual time moves no client that waits.
        self.virtual_time = self.virtual_time.max(next.start_tag);
        self.last_turn = self.last_turn.saturating_add(1);
        let served = Served { last_turn: self.last_turn, finish_tag: next.start_tag.saturating_add(share.step()) };
        self.wait(next.client, next.known_since, served);
        served
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share(size: u32) -> Share {
        Share::new(size).unwrap()
    }

    /// Clients with what is kept of them between runs.
    struct Clients(Vec<(Share, Served)>);

    impl Clients {
        fn with(shares: &[u32]) -> Clients {
            Clients(shares.iter().map(|size| (share(*size), Served::default())).collect())
        }

        /// The calls of one run, which sees the clients of `seen` and calls those of `open` among them.
        fn run(&mut self, seen: impl Fn(usize) -> bool, open: impl Fn(usize) -> bool, calls: usize) -> Vec<usize> {
            let mut queue = ShareQueue::default();
            let clients = || (0..).zip(self.0.iter().copied()).filter(|(client, _)| seen(*client));
            clients().for_each(|(_, (share, served))| queue.note(share, served));
            clients()
                .filter(|(client, _)| open(*client))
                .for_each(|(client, (_, served))| queue.wait(client, client as i64, served));
            let mut called = Vec::new();
            while called.len() < calls
                && let Some(next) = queue.pop()
            {
                let (share, served) = &mut self.0[next.client];
                *served = queue.serve(&next, *share);
                called.push(next.client);
            }
            called
        }
    }

    /// A run: a bit for each client that has work, and how many calls it makes.
    fn runs() -> impl Strategy<Value = Vec<(u8, usize)>> {
        proptest::collection::vec((any::<u8>(), 0..12_usize), 1..40)
    }

    fn shares() -> impl Strategy<Value = Vec<u32>> {
        proptest::collection::vec(prop_oneof![1..=12_u32, 1..=100_u32], 2..6)
    }

    fn is_in(set: u8, client: usize) -> bool {
        set & 1 << client != 0
    }

    #[test]
    fn a_share_is_a_whole_number_from_1_to_100() {
        assert_eq!(
            [0, 1, 100, 101, 256, 257].map(|size| Share::new(size).map(Share::size)),
            [None, Some(1), Some(100), None, None, None]
        );
    }

    #[test]
    fn three_to_one_is_three_calls_to_one_spread_evenly() {
        let mut clients = Clients::with(&[3, 1]);
        assert_eq!(clients.run(|_| true, |_| true, 12), [0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        // Runs of one call each go on where the last one ended.
        let one_by_one: Vec<usize> = (0..8).flat_map(|_| clients.run(|_| true, |_| true, 1)).collect();
        assert_eq!(one_by_one, [1, 0, 0, 0, 1, 0, 0, 0]);
    }

    #[test]
    fn an_idle_client_saves_nothing_up() {
        let mut clients = Clients::with(&[1, 1]);
        assert_eq!(clients.run(|client| client == 0, |_| true, 1_000).len(), 1_000);
        assert_eq!(clients.run(|_| true, |_| true, 6), [1, 0, 1, 0, 1, 0]);
    }

    #[test]
    fn rounding_adds_no_call_to_the_bound() {
        let sizes = || Share::LEAST.size()..=Share::MOST.size();
        for (i, j) in sizes().flat_map(|i| sizes().map(move |j| (i, j))) {
            let more = share(i).step() / share(j).step();
            assert!(more * i64::from(i) <= i64::from(j), "{i} and {j}: {more} calls and one");
        }
    }

    proptest! {
        #[test]
        fn between_two_calls_of_a_client_each_other_starts_no_more_than_its_share(shares in shares(), runs in runs()) {
            let mut clients = Clients::with(&shares);
            // The calls of each client since the last one of another, or since that began to wait.
            let mut since = vec![vec![0_u32; shares.len()]; shares.len()];
            for (work, calls) in runs {
                let waits = |client| is_in(work, client);
                (0..shares.len()).filter(|client| !waits(*client)).for_each(|client| since[client].fill(0));
                // A run does not even see clients without work.
                for called in clients.run(waits, |_| true, calls) {
                    for client in (0..shares.len()).filter(|client| waits(*client) && *client != called) {
                        since[client][called] += 1;
                        let (more, most) = (since[client][called] - 1, shares[called]);
                        prop_assert!(more * shares[client] <= most, "{called} past {client} of {shares:?}");
                    }
                    since[called].fill(0);
                }
            }
        }

        #[test]
        fn equal_shares_are_served_least_recently_first(size in 1..=100_u32, count in 2..6_usize, runs in runs()) {
            let mut clients = Clients::with(&vec![size; count]);
            let mut oldest_first: Vec<usize> = (0..count).collect();
            for (work, calls) in runs {
                for called in clients.run(|_| true, |client| is_in(work, client), calls) {
                    let expected = oldest_first.iter().position(|client| is_in(work, *client)).unwrap();
                    prop_assert_eq!(called, oldest_first.remove(expected));
                    oldest_first.push(called);
                }
            }
        }
    }
}
