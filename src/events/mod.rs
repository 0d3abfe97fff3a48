//! Tells hooks and webhooks what happened: the delivery of the outbox, beside calls and never in their way.
//!
//! `message` writes an event as JSON, `secret` signs it, `webhook` sends it, `retry` has the rules of sending it again.
//! `session` delivers the events of one receiver, in their order; `delivery` does that for all of them on threads, as long as
//! `control` says. `place` is what it works with.

mod control;
mod delivery;
mod message;
mod place;
mod retry;
mod secret;
mod session;
mod webhook;

pub(crate) use delivery::Delivery;
pub(crate) use place::DeliveryPlace;
pub(crate) use secret::WebhookSecret;
