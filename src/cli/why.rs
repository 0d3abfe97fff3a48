//! `callq why`

use clap::Args;

use crate::model::ItemId;

/// Tell why an item is not called now, and when it can be
///
/// Every gate's verdict, in the order in which a run asks, each with the instant until which it holds.
#[derive(Debug, Args)]
pub struct Why {
    /// The item
    #[arg(value_name = "ID")]
    pub id: ItemId,
}
