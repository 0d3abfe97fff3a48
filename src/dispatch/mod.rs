//! What places calls: programs, providers and simulations behind one trait.

mod call;
mod command;
mod holders;
mod lease;
mod retell;
mod scripted;
mod simulate;

pub use call::{Call, Dispatcher, Ended};
pub use command::{CommandDispatcher, Fault, ResultFile, Unclear, read_result_file, write_result_file};
pub use holders::Holder;
pub use lease::{Adoption, Lease, LeaseFolder, Mark};
pub use retell::{
    AcceptedCall, ApiKey, KeyError, LookUp, PollRound, RetellClient, RetellDispatcher, Settlement, SignatureError,
    Variables, Webhook, WebhookError, read_webhook, verify_signature,
};
pub use scripted::{Answer, Scripted, Stage, Started};
pub use simulate::Simulator;
