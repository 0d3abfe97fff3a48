//! `callq list`

use clap::Args;

use super::whole::whole;
use super::{Client, CommonFilter, PriorityFilter, ReasonFilter};
use crate::model::{ItemId, ListSort};

/// List items
///
/// Shows all statuses unless --status is given. Waiting items come first, in the order of their calls. Items in progress
/// follow, then finished ones, newest first. Sorting by scheduled, created or updated scans all items, and so does
/// --reverse without --sort id.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    pub client: Client,

    #[command(flatten)]
    pub filter: CommonFilter,

    #[command(flatten)]
    pub priority: PriorityFilter,

    #[command(flatten)]
    pub reason: ReasonFilter,

    /// Sort by this key
    #[arg(long, value_name = "KEY", default_value = "order")]
    pub sort: ListSort,

    /// Reverse the order (scans all waiting items unless sorted by id)
    #[arg(long)]
    pub reverse: bool,

    /// Show at most this many items; 0 shows all
    #[arg(
        long,
        value_name = "N",
        default_value = "50",
        allow_negative_numbers = true,
        value_parser = whole::<usize>(0..=u64::MAX)
    )]
    pub limit: usize,

    /// Show only items after this one
    #[arg(long, value_name = "ID")]
    pub after: Option<ItemId>,

    /// Show these columns in tables and CSV, separated by commas
    #[arg(long, value_name = "COLUMN,…")]
    pub columns: Option<ColumnList>,
}

/// Names of columns, separated by commas. Which there are is the output's to say.
#[derive(Debug, Clone)]
pub struct ColumnList(pub String);

impl From<String> for ColumnList {
    fn from(text: String) -> Self {
        ColumnList(text)
    }
}
