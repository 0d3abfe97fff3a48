//! `callq pause` and `callq resume`

use clap::Args;

use super::Client;

/// Hold back new calls of one client or of all clients
///
/// Calls in progress go on. A general pause and a client's pause are separate; calls wait until both are lifted.
#[derive(Debug, Args)]
pub struct Pause {
    #[command(flatten)]
    pub client: Client,

    /// End the pause at this time
    #[arg(long, value_name = "T")]
    pub until: Option<String>,

    /// Keep this reason with the pause
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Lift the pause of one client, or all pauses
#[derive(Debug, Args)]
pub struct Resume {
    #[command(flatten)]
    pub client: Client,
}
