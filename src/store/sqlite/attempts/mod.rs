//! Attempts: how they end, what is reported of them, and those without an end.

pub(crate) mod contexts;
pub(crate) mod forgotten;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod runs;
pub(crate) mod start_facts;
pub(crate) mod unsettled;
