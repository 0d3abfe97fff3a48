//! `callq stats`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::interval::interval;
use crate::model::StatsBy;

/// Show the figures of the queue and its calls
///
/// Pruned items are no longer counted as items; their calls stay in all figures of calls, and in the rows of --by day and
/// --by client. No other breakdown has them. A range that has such calls has no percentiles. Their sums are kept by quarters
/// of an hour: one counts when it begins in the range. The items of a pruned day are those whose first call of that day
/// counts, on the calendar that the client had when they were pruned.
///
/// Figures of the whole queue are kept ready: they cost the same for any number of items. With --since, --until or --by callq reads
/// the attempts, about a million a second.
///
/// Hours and weekdays follow the lead's clock, in the first of its zones by name, or else its client's. Days follow the
/// client's calendar. On a terminal, --by hour draws a map of the week; hours with fewer than 10 calls have no rate.
///
/// With --by, CSV is the breakdown. The zones of a lead are one row, and so is each number.
///
/// With --format openmetrics it writes the figures as metrics, in the text format of Prometheus, which node_exporter's
/// textfile collector reads.
///
/// With --watch a terminal shows each page in place of the one before. Elsewhere pages follow one another; as JSON, one
/// object a line. A signal ends it.
///
/// Means are exact. Percentiles and the longest time are exact below 256 ms. Above, they are at most 0.8 % too long, and
/// never too short.
#[derive(Debug, Args)]
pub struct Stats {
    #[command(flatten)]
    pub client: Client,

    /// Count only what happened since: a duration such as 7d, or a time
    #[arg(long, value_name = "D|T")]
    pub since: Option<String>,

    /// Count only what happened before: a duration such as 7d, or a time
    #[arg(long, value_name = "D|T")]
    pub until: Option<String>,

    /// Break the calls down by this, or by a field of the metadata: meta.K
    #[arg(long, value_name = "WHAT")]
    pub by: Option<StatsBy>,

    /// Refresh the figures until Ctrl-C, every 2s unless D is given
    #[arg(long, value_name = "D", num_args = 0..=1, require_equals = true, default_missing_value = "2s", value_parser = interval)]
    pub watch: Option<TimeDelta>,
}
