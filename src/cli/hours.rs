//! `callq hours`

use clap::Args;

use super::Client;
use super::listed::zone;
use super::whole::whole;
use crate::model::{Priority, RequestFields};

/// Show when a lead may be called
///
/// Needs no database. On a terminal it draws one row for each day in the client's time. Elsewhere it lists the windows.
#[derive(Debug, Args)]
pub struct Hours {
    #[command(flatten)]
    pub client: Client,

    /// Name a zone where the lead may be, instead of its number's; several must all be open
    #[arg(long, value_name = "Z", hide_possible_values = true, allow_hyphen_values = true, value_parser = zone())]
    pub timezone: Vec<String>,

    /// Name the region where the lead may be, such as US-FL
    #[arg(long, value_name = "R")]
    pub region: Option<String>,

    /// Show the hours of a lead with this number
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub phone: Option<String>,

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

impl Hours {
    /// What the flags say of where the lead is.
    pub fn fields(&self) -> RequestFields {
        RequestFields {
            phone: self.phone.clone(),
            region: self.region.clone(),
            timezones: self.timezone.clone(),
            ..RequestFields::default()
        }
    }
}
