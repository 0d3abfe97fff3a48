//! What may not be called, and what may: the do-not-call list, registries, consents.

pub(crate) mod consents;
pub(crate) mod do_not_call;
pub(crate) mod end_waiting;
pub(crate) mod entry;
pub(crate) mod facts;
pub(crate) mod registries;
pub(crate) mod registry_import;
