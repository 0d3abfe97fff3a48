//! `callq client`

use clap::{Args, Subcommand};

use crate::model::ClientId;

/// List the clients that the configuration or an item names
#[derive(Debug, Args)]
pub struct ClientCommand {
    /// What to do with them.
    #[command(subcommand)]
    pub action: ClientAction,
}

/// What to do with the clients.
#[derive(Debug, Subcommand)]
pub enum ClientAction {
    /// List every client with its items
    List,
    /// Show one client with its items
    Show {
        /// The client
        #[arg(value_name = "NAME")]
        name: ClientId,
    },
}
