//! What places calls: programs, providers and simulations behind one trait.

mod call;
mod command;
mod holders;
mod lease;
mod retell;
mod scripted;
mod simulate;
mod start_gate;

pub use call::{Call, Dispatcher, Ended};
pub use command::{CommandDispatcher, Fault, ResultFile, Unclear, read_result_file, write_result_file};
pub use holders::Holder;
pub use lease::{Adoption, Lease, LeaseFolder, Mark};
pub use retell::{
    AcceptedCall, Account, ApiKey, KeyError, LookUp, Outage, PollRound, RetellClient, RetellDispatcher, Settlement,
    SignatureError, Variables, Webhook, WebhookError, read_webhook, verify_signature,
};
pub use scripted::{Answer, Scripted, Stage, Started};
pub use simulate::Simulator;
pub use start_gate::{AlwaysOpen, Closed, StartAnswer, StartGate, StartPermit};
