//! `callq stats`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::interval::interval;
use crate::model::BreakdownKey;

/// Show the figures of the queue and its calls
///
/// Of what is kept: items that `callq prune` deleted, and their attempts, count no more.
///
/// The figures of everything are kept, and cost the same however many items and attempts there are. With --since or --by
/// the attempts are read, about a million a second.
///
/// Hours and weekdays go by the clock of the lead, in the first of its zones by name or else its client's; days by the
/// client's calendar. On a terminal, --by hour draws a map of the week; an hour with fewer than 10 calls has no rate.
///
/// With --watch a terminal shows each page in the place of the one before. Elsewhere they follow one another, as JSON an
/// object a line. A signal ends it.
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

    /// Show the figures again and again until Ctrl-C, every 2s or so often
    #[arg(long, value_name = "D", num_args = 0..=1, require_equals = true, default_missing_value = "2s", value_parser = interval)]
    pub watch: Option<TimeDelta>,
}
