//! One run of clients that share the calls of a run: whose turn it is goes by their shares, as in the claim.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::simulator::{PlacedCall, Run};
use super::tally::Tally;
use crate::model::Served;
use crate::scheduler::{Share, ShareQueue};

/// A client in the order of the shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sharer {
    pub(super) share: Share,
    /// What it was served before.
    pub(super) served: Served,
    /// Decides between clients that never had a turn.
    pub(super) known_since: i64,
}

/// Plays the runs of clients that have `most` calls at once together.
pub(super) fn play_together<S: FnMut(PlacedCall)>(
    mut runs: Vec<Run<'_, S>>,
    sharers: &[Sharer],
    most: usize,
) -> Vec<Tally> {
    // When each of the calls at once is free.
    let mut free: BinaryHeap<Reverse<i64>> = runs.iter().flat_map(Run::busy_lines).take(most).map(Reverse).collect();
    free.extend((free.len()..most).map(|_| Reverse(i64::MIN)));
    let mut queue = ShareQueue::default();
    let mut sharers = sharers.to_vec();
    sharers.iter().for_each(|sharer| queue.note(sharer.share, sharer.served));
    for (client, sharer) in sharers.iter().enumerate() {
        queue.wait(client, sharer.known_since, sharer.served);
    }
    while let Some(Reverse(from)) = free.peek().copied() {
        // The first that can call as soon as a call is free; when none can, the one that can first.
        let (mut asked, mut first) = (Vec::new(), None);
        while let Some(waiting) = queue.pop() {
            // A client that never calls again waits no longer.
            let Some(at) = runs.get_mut(waiting.client).and_then(|run| run.next(from)) else { continue };
            if first.is_none_or(|(earliest, _)| at < earliest) {
                first = Some((at, asked.len()));
            }
            asked.push(waiting);
            if at <= from {
                break;
            }
        }
        let Some((_, first)) = first else { break };
        let called = asked.remove(first);
        if let (Some(run), Some(sharer)) = (runs.get_mut(called.client), sharers.get_mut(called.client)) {
            sharer.served = queue.serve(&called, sharer.share);
            free.pop();
            free.push(Reverse(run.place()));
        }
        for waiting in asked {
            if let (Some(run), Some(sharer)) = (runs.get_mut(waiting.client), sharers.get(waiting.client)) {
                run.put_back();
                queue.wait(waiting.client, sharer.known_since, sharer.served);
            }
        }
    }
    runs.into_iter().map(Run::finish).collect()
}
