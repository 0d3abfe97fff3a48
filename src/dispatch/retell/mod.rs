//! The dispatcher that places calls through Retell AI: `kind = "retell"`.
//!
//! `http` sends one request, through the proxy that is named, and says whether it may have arrived, which `send_probe`
//! notices; `bounded` and `loose` read what is answered, in little memory whatever comes. `requests` has the four requests.
//! `outages` has what stands against placing a call; `dispatcher` places calls on a thread for each account, as `placement`
//! says; `client` has the connections, `poll` asks how calls ended, and `provider` is what the engine sees. `call_object`
//! reads the provider's account of a call, and `classify` is the table of what its reasons mean. `signature` and `webhook`
//! take in what the provider sends by itself.

mod bounded;
mod call_object;
mod classify;
mod client;
mod dispatcher;
mod http;
mod key;
mod loose;
mod outages;
mod placement;
mod poll;
mod provider;
mod request;
mod requests;
mod send_probe;
mod signature;
mod webhook;

pub use client::RetellClient;
pub use dispatcher::RetellDispatcher;
pub use key::{ApiKey, KeyError};
pub use signature::{SignatureError, verify_signature};
pub use webhook::{Webhook, WebhookError, read_webhook};
