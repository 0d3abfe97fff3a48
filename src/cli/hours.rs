//! `callq hours`

use clap::Args;

use super::Client;
use super::number::whole;
use crate::model::{Priority, ZoneName};

/// Show when such a lead may be called
///
/// Needs no database. On a terminal it draws the days in the client's time, a row a day; elsewhere it lists the windows.
#[derive(Debug, Args)]
pub struct Hours {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// A zone in which the lead may be; more than one means open in all
    #[arg(long, value_name = "Z")]
    pub timezone: Vec<ZoneName>,

    /// urgent, high, normal or low
    #[arg(short, long, value_name = "PRIORITY", default_value = "normal")]
    pub priority: Priority,

    /// The first instant; now, unless given
    #[arg(long, value_name = "T")]
    pub from: Option<String>,

    /// The end, exclusive
    #[arg(long, value_name = "T", conflicts_with = "days")]
    pub to: Option<String>,

    /// So many days from the first instant, on the client's clock
    #[arg(
        long,
        value_name = "N",
        default_value = "7",
        allow_negative_numbers = true,
        value_parser = whole::<u32>(1..=3660)
    )]
    pub days: u32,
}
