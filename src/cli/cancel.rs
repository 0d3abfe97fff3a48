//! `callq cancel`

use clap::Args;

use super::{ChangeOptions, Client, CommonFilter, Consent, ContactFilter, IdArgument, PriorityFilter};

/// Cancel waiting items
///
/// An item in progress is refused without --in-progress. With it, the call goes on and its outcome is recorded, but no
/// retry follows.
#[derive(Debug, Args)]
pub struct Cancel {
    /// Item ids (12, 12-20, 12,13, 12-), lead ids, phone numbers as written, or - for standard input
    ///
    /// A whole number is an item id; `lead:17` and `phone:2125550101` name the others.
    /// A lead or number means its item that waits or is in progress, else the newest.
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    /// Write this reason to the history
    #[arg(long, value_name = "R", conflicts_with = "note")]
    pub reason: Option<String>,

    /// Also cancel items in progress: no retry follows their call
    #[arg(long)]
    pub in_progress: bool,

    #[command(flatten)]
    pub filter: CommonFilter,

    #[command(flatten)]
    pub contact: ContactFilter,

    #[command(flatten)]
    pub priority: PriorityFilter,

    /// Only items whose last reason is exactly this (scans all items)
    #[arg(long, value_name = "R", help_heading = "Filters")]
    pub with_reason: Option<String>,

    #[command(flatten)]
    pub options: ChangeOptions,

    #[command(flatten)]
    pub consent: Consent,
}
