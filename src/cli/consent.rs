//! `callq consent`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::Numbers;
use crate::model::{ClientId, ConsentKind};

/// Keep what people allowed a client
///
/// A consent belongs to a number and a client. With a purpose, rules may require one; a better kind serves for a lesser one:
/// written, express, invited. A relationship stands apart.
#[derive(Debug, Args)]
pub struct ConsentCommand {
    /// What to do with it.
    #[command(subcommand)]
    pub action: ConsentAction,
}

/// What to do with consents.
#[derive(Debug, Subcommand)]
pub enum ConsentAction {
    /// Note a consent of numbers
    Add {
        #[command(flatten)]
        numbers: Numbers,

        /// Name the client that may call; CALLQ_CLIENT is ignored
        #[arg(short, long, value_name = "NAME")]
        client: ClientId,

        /// Say how the consent was given
        #[arg(long, value_name = "KIND")]
        kind: ConsentKind,

        /// Say when it was given; now by default
        #[arg(long, value_name = "T")]
        at: Option<String>,

        /// Say when it ends
        ///
        /// A relationship ends after 18 months by default, other consents do not end.
        #[arg(long, value_name = "T")]
        until: Option<String>,

        /// Say where the proof is found
        #[arg(long, value_name = "TEXT")]
        proof: Option<String>,
    },
    /// Withdraw the consents of numbers, for one client or for all
    Withdraw {
        #[command(flatten)]
        numbers: Numbers,

        /// Only for this client; CALLQ_CLIENT is ignored
        #[arg(short, long, value_name = "NAME")]
        client: Option<ClientId>,
    },
    /// List the consents
    List {
        /// Only for this client
        #[arg(short, long, value_name = "NAME")]
        client: Option<ClientId>,

        /// Only of this number
        #[arg(long, value_name = "NUMBER")]
        phone: Option<String>,

        /// Include consents that ended or were withdrawn
        #[arg(long)]
        ended: bool,
    },
    /// Import consents from a file
    ///
    /// The file is CSV with the columns phone, consent, consent_at, consent_until and consent_proof; the last three may be
    /// missing.
    Import {
        /// Name the client that may call; CALLQ_CLIENT is ignored
        #[arg(short, long, value_name = "NAME")]
        client: ClientId,

        /// Read the consents from this file; - reads standard input
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}
