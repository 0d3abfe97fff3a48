//! `callq pause` and `callq resume`

use clap::Args;

use super::Client;
use crate::model::MetaTest;

/// Hold back new calls of one client or of all clients
///
/// Calls in progress go on. A general pause and a client's pause are separate; calls wait until both are lifted.
///
/// With --meta only items with this metadata wait, also items that are added later. Such a pause is separate from the others.
#[derive(Debug, Args)]
pub struct Pause {
    #[command(flatten)]
    pub client: Client,

    /// End the pause at this time
    #[arg(long, value_name = "T")]
    pub until: Option<String>,

    /// Hold only items with this metadata: K=V, K!=V, K= for any value, K!= for no value; may be repeated
    #[arg(long, value_name = "K=V")]
    pub meta: Vec<MetaTest>,

    /// Keep this reason with the pause
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Lift the pauses of one client, or all pauses
///
/// With --meta it lifts only pauses with just this metadata.
#[derive(Debug, Args)]
pub struct Resume {
    #[command(flatten)]
    pub client: Client,

    /// Lift only pauses with just this --meta; may be repeated
    #[arg(long, value_name = "K=V")]
    pub meta: Vec<MetaTest>,
}
