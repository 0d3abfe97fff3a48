//! `callq retry`

use clap::Args;

use super::{ChangeOptions, Client, Consent, Filters, IdArgument};

/// Requeue failed, cancelled or held items
///
/// Grants at least one more attempt; the history stays.
#[derive(Debug, Args)]
pub struct Retry {
    /// Item ids (12, 12-20, 12,13, 12-), lead ids, phone numbers as written, or - for standard input
    ///
    /// A whole number is an item id; `lead:17` and `phone:2125550101` name the others.
    /// A lead or number means its item that waits or is in progress, else the newest.
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    #[command(flatten)]
    pub filters: Filters,

    #[command(flatten)]
    pub options: ChangeOptions,

    #[command(flatten)]
    pub consent: Consent,
}
