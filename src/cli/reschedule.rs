//! `callq reschedule`

use clap::Args;

use super::Client;

/// Move waiting items to the earlier slots that today's hours give
///
/// An item keeps its slot when the hours of its client become wider. This moves each item that waits for longer than it
/// has to: to the first slot after the time that was asked for. A retry is moved by the time at which it was due; caps on
/// calls still hold. Items of callq 0.1 keep their slots, because they do not know the time that was asked for.
#[derive(Debug, Args)]
pub struct Reschedule {
    #[command(flatten)]
    pub client: Client,

    /// Count the items that would move, and move none
    #[arg(long)]
    pub dry_run: bool,
}
