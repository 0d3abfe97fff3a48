//! What waits: how it enters, in which groups it stands, what is claimed, and what holds it back.

pub(crate) mod add;
pub(crate) mod blocked;
pub(crate) mod claim;
pub(crate) mod edit;
pub(crate) mod fail_waiting;
pub(crate) mod groups;
pub(crate) mod hour_rates;
pub(crate) mod import;
pub(crate) mod number;
pub(crate) mod pause;
pub(crate) mod places;
pub(crate) mod reader;
pub(crate) mod recall;
