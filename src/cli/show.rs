//! `callq show`

use clap::Args;

use super::{Client, CommonFilter, IdArgument, PriorityFilter, ReasonFilter};

/// Show items with their attempts and change history
///
/// One id gives an object; several ids or a selection give an array.
#[derive(Debug, Args)]
pub struct Show {
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

    /// Select every item
    #[arg(long)]
    pub all: bool,
}
