//! Maintenance: what `doctor` asks and what `prune` deletes.

pub(crate) mod carry;
pub(crate) mod copy;
pub(crate) mod doctor;
pub(crate) mod prune;
