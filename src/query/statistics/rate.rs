//! Rates: how many of how many.

/// `part` of `whole`, from 0 to 1; none of nothing.
pub(super) fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
