//! `callq cancel`

use clap::Args;

use super::{Client, CommonFilter, Consent, IdArgument, PriorityFilter};

/// Cancel waiting items
///
/// An item in progress is refused without --in-progress. With it, the call goes on and its outcome is recorded, but no
/// retry follows.
#[derive(Debug, Args)]
pub struct Cancel {
    /// Item ids, ranges such as 12-20, or - to read ids from standard input
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    /// Keep this reason with the item
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,

    /// Also cancel items in progress: no retry follows their call
    #[arg(long)]
    pub in_progress: bool,

    #[command(flatten)]
    pub filter: CommonFilter,

    #[command(flatten)]
    pub priority: PriorityFilter,

    /// Only items whose last reason is exactly this (scans all items)
    #[arg(long, value_name = "R", help_heading = "Filters")]
    pub with_reason: Option<String>,

    #[command(flatten)]
    pub consent: Consent,
}
