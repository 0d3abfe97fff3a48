//! The outbox: keeps events for hooks and webhooks until they are delivered.

pub(crate) mod append;
pub(crate) mod deliver;
pub(crate) mod manage;
