//! Counts the leads of a batch that share their number.

use crate::model::PhoneNumber;

/// The most numbers that are kept to find shared ones: 16 MiB.
const MOST_NUMBERS: usize = 2_097_152;

/// The first numbers of a batch.
#[derive(Default)]
pub(super) struct Numbers(Vec<u64>);

impl Numbers {
    pub(super) fn note(&mut self, phone: &PhoneNumber) {
        if self.0.len() < MOST_NUMBERS {
            self.0.push(phone.digits());
        }
    }

    /// How many leads share their number with another one.
    pub(super) fn shared(mut self) -> u64 {
        self.0.sort_unstable();
        let sharing = |alike: &[u64]| if alike.len() > 1 { alike.len() as u64 } else { 0 };
        self.0.chunk_by(|a, b| a == b).map(sharing).sum()
    }
}
