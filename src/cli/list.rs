//! `callq list`

use clap::Args;

use super::number::whole;
use super::{Client, CommonFilter, PriorityFilter, ReasonFilter};
use crate::model::{ItemId, ListSort};

/// List items
///
/// All statuses, unless --status; by default waiting ones first, in the order in which they would be called, then those
/// in progress, then finished ones, newest first. Sorting by scheduled, created or updated, and
/// --reverse without --sort id, look at every item.
#[derive(Debug, Args)]
pub struct List {
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

    /// order, scheduled, created, updated or id
    #[arg(long, value_name = "KEY", default_value = "order")]
    pub sort: ListSort,

    /// The other way round (looks at every waiting item, unless sorted by id)
    #[arg(long)]
    pub reverse: bool,

    /// At most so many items; 0 for all of them
    #[arg(
        long,
        value_name = "N",
        default_value = "50",
        allow_negative_numbers = true,
        value_parser = whole::<usize>(0..=u64::MAX)
    )]
    pub limit: usize,

    /// Only what comes after this item
    #[arg(long, value_name = "ID")]
    pub after: Option<ItemId>,

    /// The columns of table and CSV, separated by commas
    #[arg(long, value_name = "COLUMN,…")]
    pub columns: Option<String>,
}
