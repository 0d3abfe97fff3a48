//! Caps on the calls to one item's number, as the forecast keeps them: its own calls only.

use crate::model::{CapLimit, Reached};

/// No call before.
pub(super) const NO_PAST: u32 = u32::MAX;

/// A call that was made, and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Past {
    pub(super) at: i64,
    /// None when nothing tells: it counts as the worst.
    pub(super) reached: Option<Reached>,
    pub(super) before: u32,
}

/// The first instant from `due` on at which every cap allows a call after those of the past. `times` is room to work in.
pub(super) fn free_from(caps: &[CapLimit], calls: &[Past], newest: u32, due: i64, times: &mut Vec<i64>) -> i64 {
    let opens = |cap: &CapLimit, times: &mut Vec<i64>| {
        times.clear();
        let mut next = newest;
        while let Some(past) = calls.get(next as usize) {
            if cap.counts_level(past.reached) {
                times.push(past.at);
            }
            next = past.before;
        }
        cap.deciding(times).map_or(i64::MIN, |deciding| deciding + cap.span().num_milliseconds())
    };
    caps.iter().map(|cap| opens(cap, times)).fold(due, Ord::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_call_of_a_day_waits_for_the_first_to_be_a_day_old() {
        let caps = ["3/24h".parse().unwrap()];
        let hour = 3_600_000;
        let call = |at, before| Past { at: at * hour, reached: Some(Reached::Line), before };
        let calls = [call(1, NO_PAST), call(2, 0), call(3, 1)];
        let mut times = Vec::new();
        assert_eq!(free_from(&caps, &calls, 1, 4 * hour, &mut times), 4 * hour);
        assert_eq!(free_from(&caps, &calls, 2, 4 * hour, &mut times), 25 * hour);
        let nowhere = [Past { reached: Some(Reached::None), ..calls[0] }];
        let caps = ["1/24h".parse().unwrap()];
        assert_eq!(free_from(&caps, &nowhere, 0, 2 * hour, &mut times), 2 * hour);
    }
}
