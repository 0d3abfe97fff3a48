//! `callq why`

use clap::Args;

use crate::model::ItemId;

/// Explain why an item is not called now, and when it can be
///
/// Shows the verdict of every gate, in the order in which a run asks, and the instant until which it holds.
#[derive(Debug, Args)]
pub struct Why {
    /// The item
    #[arg(value_name = "ID")]
    pub id: ItemId,
}
