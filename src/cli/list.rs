//! `callq list`

use chrono::TimeDelta;
use clap::Args;

use super::interval::interval;
use super::whole::whole;
use super::{Client, Filters, IdArgument};
use crate::model::{ItemId, ListSort};

/// List items
///
/// Shows all statuses unless --status is given. Waiting items come first, in the order of their calls. Items in progress
/// follow, then finished ones, newest first. Sorting by scheduled, created or updated scans all items, and so does
/// --reverse without --sort id.
#[derive(Debug, Args)]
pub struct List {
    /// Item ids (12, 12-20, 12,13, 12-), lead ids, phone numbers as written, or - for standard input
    ///
    /// A whole number is an item id; `lead:17` and `phone:2125550101` name the others. A lead or number means all of its
    /// items. Filters narrow what is named.
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    #[command(flatten)]
    pub filters: Filters,

    /// Sort by this key
    #[arg(long, value_name = "KEY", default_value = "order")]
    pub sort: ListSort,

    /// Reverse the order (scans all waiting items unless sorted by id)
    #[arg(long)]
    pub reverse: bool,

    /// Show at most this many items; 0 shows all
    #[arg(
        short = 'n',
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

    /// Show these columns in tables and CSV, separated by commas; meta.K shows a metadata field
    #[arg(long, value_name = "COLUMN,…")]
    pub columns: Option<ColumnList>,

    /// Print only how many items match
    #[arg(long, conflicts_with_all = ["columns", "watch"])]
    pub count: bool,

    /// Refresh the list until Ctrl-C, every 2s unless D is given
    #[arg(long, value_name = "D", num_args = 0..=1, require_equals = true, default_missing_value = "2s", value_parser = interval)]
    pub watch: Option<TimeDelta>,
}

/// Names of columns, separated by commas. Which there are is the output's to say.
#[derive(Debug, Clone)]
pub struct ColumnList(pub String);

impl From<String> for ColumnList {
    fn from(text: String) -> Self {
        ColumnList(text)
    }
}
