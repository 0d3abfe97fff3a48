//! The outbox: events that hooks and webhooks are to be told, kept until they are delivered.

pub(crate) mod append;
pub(crate) mod deliver;
pub(crate) mod manage;
