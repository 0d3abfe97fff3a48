//! `callq show`

use clap::Args;

use super::{Client, Filters, IdArgument};

/// Show items with their attempts and change history
///
/// One item id gives an object; several, a lead, a phone number or a selection give an array.
#[derive(Debug, Args)]
pub struct Show {
    /// Item ids (12, 12-20, 12,13, 12-), lead ids, phone numbers as written, or - for standard input
    ///
    /// A whole number is an item id; `lead:17` and `phone:2125550101` name the others.
    /// A lead or number means all of its items.
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    #[command(flatten)]
    pub filters: Filters,

    /// Select every item
    #[arg(long)]
    pub all: bool,
}
