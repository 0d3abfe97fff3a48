//! The item waits to be called.

use crate::contract::{Evidence, Gate, Verdict};
use crate::model::Item;

pub(super) fn ask(item: &Item) -> Verdict {
    let evidence = Evidence::Status { status: item.status, held: item.held };
    Verdict::of(Gate::Status, item.status.is_waiting(), evidence)
}
