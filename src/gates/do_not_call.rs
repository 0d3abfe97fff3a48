//! The person has not asked to be left alone.

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::NumberFacts;

pub(super) fn ask(number: &NumberFacts) -> Verdict {
    let entry = number.do_not_call;
    Verdict::of(Gate::DoNotCall, entry.is_none(), Evidence::DoNotCall(entry))
}
