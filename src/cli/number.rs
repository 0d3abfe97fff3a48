//! `callq number`

use clap::Args;

use super::Client;

/// Read a phone number, and say where it points to
///
/// Prints the number in E.164, with the zones and regions that its area code tells. Needs no database. Write `--` before a
/// number that begins with a dash.
#[derive(Debug, Args)]
pub struct Number {
    /// The number as written
    #[arg(value_name = "NUMBER")]
    pub number: String,

    /// Read a number without + as one of this country, by its calling code
    #[arg(long, value_name = "CC")]
    pub country_code: Option<String>,

    #[command(flatten)]
    pub client: Client,
}
