//! What places calls: programs, providers and simulations behind one trait.

mod call;
mod command;
mod holders;
mod lease;
#[cfg(test)]
mod nobody;
mod provider;
mod proxy;
mod retell;
mod scripted;
mod simulate;
mod start_gate;

pub use call::{Call, Dispatcher, Ended};
pub use command::{
    CommandDispatcher, Fault, HookEnd, ResultFile, Unclear, read_result_file, run_hook, write_result_file,
};
pub use holders::Holder;
pub use lease::{Adoption, Lease, LeaseFolder, Mark};
#[cfg(test)]
pub(crate) use nobody::Nobody;
pub use provider::{AcceptedCall, AccountId, LookUp, Outage, PollRound, Provider, ProviderAccount, Settlement};
pub use proxy::{Proxies, Variables};
pub(crate) use proxy::{connections, described};
pub use retell::{
    ApiKey, KeyError, RetellClient, RetellDispatcher, SignatureError, Webhook, WebhookError, read_webhook,
    verify_signature,
};
pub use scripted::{Answer, Scripted, Stage, Started};
pub use simulate::Simulator;
pub use start_gate::{AlwaysOpen, Closed, StartAnswer, StartGate, StartPermit};
