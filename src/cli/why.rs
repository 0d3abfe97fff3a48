//! `callq why`

use clap::Args;

use super::{Client, IdArgument};

/// Explain why an item is not called now, and when it can be
///
/// Without an ID it counts what is due, client by client and gate by gate; its JSON is that of `callq status`.
///
/// Shows the verdict of every gate, in the order in which a run asks, and the instant until which it holds. One item id
/// gives an object; several, a lead or a phone number give an array.
#[derive(Debug, Args)]
pub struct Why {
    /// Item ids (12, 12-20, 12,13, 12-), lead ids, phone numbers as written, or - for standard input
    ///
    /// A whole number is an item id; `lead:17` and `phone:2125550101` name the others. A lead or number means all of its
    /// items.
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,
}
