//! The dispatcher that places calls through Retell AI: `kind = "retell"`.
//!
//! `http` sends one request, through the `proxy` that is named, and says whether it may have arrived, which `witness`
//! notices; `bounded` and `loose` read what is answered, in little memory whatever comes. `provider` has the four requests.
//! `account` has what stands against placing a call; `dispatcher` places calls on a thread for each account, as `placement`
//! says; `client` looks up, polls and counts. `call_object` reads the provider's account of a call, and `classify` is the
//! table of what its reasons mean. `signature` and `webhook` take in what the provider sends by itself.

mod account;
mod bounded;
mod call_object;
mod classify;
mod client;
mod dispatcher;
mod http;
mod key;
mod loose;
mod placement;
mod poll;
mod provider;
mod proxy;
mod request;
mod signature;
mod webhook;
mod witness;

pub use account::{Account, Outage};
pub use call_object::Settlement;
pub use client::RetellClient;
pub use dispatcher::RetellDispatcher;
pub use key::{ApiKey, KeyError, Variables};
pub use poll::{AcceptedCall, PollRound};
pub use provider::LookUp;
pub use signature::{SignatureError, verify_signature};
pub use webhook::{Webhook, WebhookError, read_webhook};
