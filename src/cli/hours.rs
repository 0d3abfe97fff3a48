//! `callq hours`

use clap::Args;

use super::Client;
use super::number::whole;
use crate::model::{Priority, ZoneName};

/// Show when a lead may be called
///
/// Needs no database. On a terminal it draws one row for each day in the client's time. Elsewhere it lists the windows.
#[derive(Debug, Args)]
pub struct Hours {
    #[command(flatten)]
    pub client: Client,

    /// Name a zone where the lead may be; several zones must all be open
    #[arg(long, value_name = "Z", hide_possible_values = true)]
    pub timezone: Vec<ZoneName>,

    /// Show the hours of this priority
    #[arg(short, long, value_name = "PRIORITY", default_value = "normal")]
    pub priority: Priority,

    /// Start at this time; now by default
    #[arg(long, value_name = "T")]
    pub from: Option<String>,

    /// End before this time
    #[arg(long, value_name = "T", conflicts_with = "days")]
    pub to: Option<String>,

    /// Show this many days, on the client's clock
    #[arg(
        long,
        value_name = "N",
        default_value = "7",
        allow_negative_numbers = true,
        value_parser = whole::<u32>(1..=3660)
    )]
    pub days: u32,
}
