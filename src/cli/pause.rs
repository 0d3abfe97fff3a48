//! `callq pause` and `callq resume`

use clap::Args;

use super::Client;

/// Hold back new calls, of one client or of everybody
///
/// Calls in progress go on. A pause of everything and a client's are separate, and both must be off for a call.
#[derive(Debug, Args)]
pub struct Pause {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// It ends by itself at this time
    #[arg(long, value_name = "T")]
    pub until: Option<String>,

    /// Why
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// Lift the pause of a client, or without a client every pause
#[derive(Debug, Args)]
pub struct Resume {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,
}
