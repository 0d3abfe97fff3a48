//! `callq stats`

use clap::Args;

use super::Client;
use crate::model::BreakdownKey;

/// Show the figures of the queue and its calls
///
/// Of what is kept: items that `callq prune` deleted, and their attempts, count no more.
///
/// The figures of everything are kept, and cost the same however many items and attempts there are. With --since or --by
/// the attempts are read, about a million a second.
///
/// Means are exact. Percentiles and the longest time are exact below 256 ms, else never too short and less than 0.8 % too
/// long.
#[derive(Debug, Args)]
pub struct Stats {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// Only what happened since: a duration such as 7d, or a time
    #[arg(long, value_name = "D|T")]
    pub since: Option<String>,

    /// Break the calls down by client, priority, hour, weekday, day, reason or attempt
    #[arg(long, value_name = "WHAT")]
    pub by: Option<BreakdownKey>,
}
