//! Maintenance: what `doctor` asks and what `prune` deletes.

pub(crate) mod doctor;
pub(crate) mod prune;
