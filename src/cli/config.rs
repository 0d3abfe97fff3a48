//! `callq config`

use clap::{Args, Subcommand};

use super::Client;
use crate::model::{ClientId, ConfigTopic, Preset};

/// Read and change the configuration
///
/// Needs no database. Precedence of a key, highest first: `[clients.NAME]`, its QUEUE_* variable, `[defaults]`, built-in.
#[derive(Debug, Args)]
pub struct Config {
    /// What to do with it.
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Show every key, its value, and the source of the value
    List {
        #[command(flatten)]
        client: Client,
        /// Only keys that the file, a variable or a flag sets
        #[arg(long)]
        changed: bool,
    },
    /// Print the bare value of a key
    Get {
        #[command(flatten)]
        client: Client,
        /// The key, such as business_hours.start
        key: ConfigKey,
    },
    /// Set keys in the file; comments and order stay
    ///
    /// `config set KEY VALUE` sets one key, `config set KEY=VALUE KEY=VALUE` several, all or none. `business_hours` and
    /// `calling_hours` take both ends: business_hours=09:00-17:00. Values may be as people write them: Mon-Fri, 9am,
    /// 5m,30m,2h for retry_delays, +49.
    Set {
        #[command(flatten)]
        section: Section,
        /// The key, such as business_hours.start, or KEY=VALUE
        key: ConfigKey,
        /// The value, as TOML or bare; or another KEY=VALUE
        #[arg(allow_hyphen_values = true)]
        value: Option<String>,
        /// More of KEY=VALUE
        #[arg(value_name = "KEY=VALUE")]
        more: Vec<String>,
    },
    /// Remove a key from the file
    Unset {
        #[command(flatten)]
        section: Section,
        /// The key, such as business_hours.start
        key: ConfigKey,
    },
    /// Open a copy of the file in $VISUAL or $EDITOR, and check it before it replaces the file
    Edit,
    /// Print the path of the file
    Path,
    /// Write a sample configuration with every key at its default
    Init {
        /// Write these values instead: `respectful` spaces retries by reason
        #[arg(long)]
        preset: Option<Preset>,
    },
    /// Draw what the configuration comes to, on the client's clock from now
    ///
    /// `retry`: when each retry of a lead that is called now would be made, for each reason that has delays of its own,
    /// in the hours of a normal lead without a zone. Jitter, which only adds, caps and dispatchers that name a time of
    /// their own are left out.
    Explain {
        #[command(flatten)]
        client: Client,
        /// What to draw
        topic: ConfigTopic,
    },
    /// Report every error and warning of the file
    ///
    /// Reports all at once, each with its line. With -q it prints nothing when all is well.
    Check,
}

/// The section of the file that is changed.
#[derive(Debug, Args)]
pub struct Section {
    /// Change this client's section, not the defaults; CALLQ_CLIENT is ignored
    #[arg(short, long, value_name = "NAME")]
    pub client: Option<ClientId>,
}

/// A key of the configuration, as it was written. That it exists is the configuration's to say.
#[derive(Debug, Clone)]
pub struct ConfigKey(pub String);

impl From<String> for ConfigKey {
    fn from(text: String) -> Self {
        ConfigKey(text)
    }
}
