//! `callq config`

use clap::{Args, Subcommand};

use super::Client;
use crate::model::ClientId;

/// Read and change the configuration
///
/// Needs no database. A key's value is the first of: `[clients.NAME]`, its QUEUE_* variable, `[defaults]`, built-in.
#[derive(Debug, Args)]
pub struct Config {
    /// What to do with it.
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Show every key, its value, and where the value comes from
    List {
        #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
        #[command(flatten)]
        client: Client,
    },
    /// Print the bare value of a key
    Get {
        #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
        #[command(flatten)]
        client: Client,
        /// The key, such as business_hours.start
        key: String,
    },
    /// Set a key in the file; comments and order stay
    Set {
        #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
        #[command(flatten)]
        section: Section,
        /// The key, such as business_hours.start
        key: String,
        /// The value, as TOML or bare
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Take a key out of the file
    Unset {
        #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
        #[command(flatten)]
        section: Section,
        /// The key, such as business_hours.start
        key: String,
    },
    /// Print the path of the file
    Path,
    /// Write the sample configuration, every key at its default
    Init,
    /// Report every error and warning of the file
    ///
    /// All at once, each with its line. -q says nothing when all is well.
    Check,
}

/// The section of the file that is changed.
#[derive(Debug, Args)]
pub struct Section {
    /// Change this client's section instead of the defaults; CALLQ_CLIENT does not count here
    #[arg(short, long, value_name = "NAME")]
    pub client: Option<ClientId>,
}
