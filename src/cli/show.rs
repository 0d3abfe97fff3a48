//! `callq show`

use clap::Args;

use super::{Client, CommonFilter, IdArgument, PriorityFilter, ReasonFilter};

/// Show items whole: every attempt, every change with who made it
///
/// One id gives an object, several or a selection an array.
#[derive(Debug, Args)]
pub struct Show {
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

    /// Select every item
    #[arg(long)]
    pub all: bool,
}
