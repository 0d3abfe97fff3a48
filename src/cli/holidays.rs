//! `callq holidays`

use clap::Args;

use super::Client;
use super::whole::whole;

/// List the dates on which nobody is called
///
/// Names each holiday and the calendar that it comes from, as `holidays`, `holiday_files`, `holiday_exclude` and
/// `workdays` of the configuration decide. Needs no database.
#[derive(Debug, Args)]
pub struct Holidays {
    #[command(flatten)]
    pub client: Client,

    /// Start on the date of this time; today by default
    #[arg(long, value_name = "T")]
    pub from: Option<String>,

    /// Look this many days ahead, on the client's calendar
    #[arg(
        long,
        value_name = "N",
        default_value = "365",
        allow_negative_numbers = true,
        value_parser = whole::<u32>(1..=3660)
    )]
    pub days: u32,
}
