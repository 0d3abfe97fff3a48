//! The number is one that the numbering plans allow: version 0.1 took others. It answers only when it is closed.

use crate::compliance::number;
use crate::contract::{Evidence, Gate, Verdict};
use crate::model::Item;

pub(super) fn ask(item: &Item) -> Option<Verdict> {
    let error = number::read(item.phone.as_ref()?.as_str(), None).err()?;
    Some(Verdict::of(Gate::InvalidNumber, false, Evidence::InvalidNumber { reason: error.to_string() }))
}
