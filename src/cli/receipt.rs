//! `callq receipt`

use clap::Args;

use super::{Client, IdArgument};

/// Show what was asked and answered when a call began
///
/// Shows the place, the purpose, every rule that held, the calls that counted, the consent and the do-not-call lists, as
/// they were when the call began. It is a record, not legal advice.
#[derive(Debug, Args)]
pub struct Receipt {
    /// Item ids for the newest call of each, or ids of attempts for those calls
    ///
    /// Item ids as 12, 12-20, 12,13 or 12-; lead ids, phone numbers as written, or - for standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    /// Compute the receipt again from what is stored, and exit with 1 when it differs
    #[arg(long)]
    pub verify: bool,
}
