//! `callq cancel`

use clap::Args;

use super::{Client, CommonFilter, Consent, IdArgument, PriorityFilter};

/// Cancel waiting items
///
/// An item in progress is refused, unless --in-progress: then its call is not hung up, its outcome is recorded, and no
/// retry follows.
#[derive(Debug, Args)]
pub struct Cancel {
    /// Ids, ranges such as 12-20, or - for ids on standard input
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// Why, kept with the item
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,

    /// Items in progress too: no retry follows their call
    #[arg(long)]
    pub in_progress: bool,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub filter: CommonFilter,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub priority: PriorityFilter,

    /// Only items whose last reason is exactly this (looks at every item)
    #[arg(long, value_name = "R", help_heading = "Filters")]
    pub with_reason: Option<String>,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub consent: Consent,
}
