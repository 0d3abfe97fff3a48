//! `callq calls`

use clap::Args;

use super::Client;
use super::whole::whole;
use crate::model::{LeadId, Outcome};

/// List calls, one row a call
///
/// Shows every call in the order of their starts, with its outcome, its length and who ran it. A call in progress has no
/// outcome. --phone, --lead and --client find their calls by an index. --outcome and --reason scan the others' rows.
#[derive(Debug, Args)]
pub struct Calls {
    #[command(flatten)]
    pub client: Client,

    /// Only calls that started at or after this: a duration such as 7d, or a time
    #[arg(long, value_name = "D|T")]
    pub since: Option<String>,

    /// Only calls that started before this: a duration such as 7d, or a time
    #[arg(long, value_name = "D|T")]
    pub until: Option<String>,

    /// Only calls with these outcomes, separated by commas
    #[arg(long, value_name = "O,…", value_delimiter = ',')]
    pub outcome: Vec<Outcome>,

    /// Only calls with exactly this reason; may be repeated
    #[arg(long, value_name = "R")]
    pub reason: Vec<String>,

    /// Only calls to this number
    #[arg(long, value_name = "P")]
    pub phone: Option<String>,

    /// Only calls of this lead
    #[arg(long, value_name = "L")]
    pub lead: Option<LeadId>,

    /// Add why each call was allowed: what was asked and answered when it began
    #[arg(long)]
    pub receipt: bool,

    /// Show only the last N calls
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>(0..=u64::MAX))]
    pub last: Option<u64>,
}
