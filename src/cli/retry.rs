//! `callq retry`

use clap::Args;

use super::{Client, CommonFilter, Consent, IdArgument, PriorityFilter, ReasonFilter};

/// Requeue failed, cancelled or held items
///
/// Grants at least one more attempt; the history stays.
#[derive(Debug, Args)]
pub struct Retry {
    /// Item ids, ranges such as 12-20, or - to read ids from standard input
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    #[command(flatten)]
    pub filter: CommonFilter,

    #[command(flatten)]
    pub priority: PriorityFilter,

    #[command(flatten)]
    pub reason: ReasonFilter,

    #[command(flatten)]
    pub consent: Consent,
}
