//! No entry of the do-not-call list closes the number.

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::NumberFacts;

pub(super) fn ask(number: &NumberFacts) -> Verdict {
    let entry = number.do_not_call.clone().map(Box::new);
    Verdict::of(Gate::DoNotCall, entry.is_none(), Evidence::DoNotCall(entry))
}
