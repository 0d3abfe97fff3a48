//! `callq retry`

use clap::Args;

use super::{Client, CommonFilter, Consent, IdArgument, PriorityFilter, ReasonFilter};

/// Send failed, cancelled or held items again
///
/// At least one more attempt is granted; the history stays.
#[derive(Debug, Args)]
pub struct Retry {
    /// Ids, ranges such as 12-20, or - for ids on standard input
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub filter: CommonFilter,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub priority: PriorityFilter,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub reason: ReasonFilter,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub consent: Consent,
}
