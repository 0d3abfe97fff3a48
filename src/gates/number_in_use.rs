//! Nobody else calls the number: no call to it is open, and no unknown one may still go on.

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::NumberFacts;

pub(super) fn ask(number: &NumberFacts) -> Verdict {
    let until = number.in_use.as_ref().and_then(|in_use| in_use.until);
    let evidence = Evidence::Number(number.in_use.clone());
    Verdict { until, ..Verdict::of(Gate::NumberInUse, number.in_use.is_none(), evidence) }
}
