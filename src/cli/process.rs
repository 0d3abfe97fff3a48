//! `callq process`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use crate::model::parse_duration;

/// Call everything that is due and allowed, until nothing more is
///
/// For cron: any number of runs may overlap, together they keep to the limits. An idle run is quiet about nothing and
/// ends at once.
#[derive(Debug, Args)]
pub struct Process {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// At most so many attempts
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,

    /// Start no more calls after so long; those in flight are finished
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub max_runtime: Option<TimeDelta>,

    /// List what would be called now, in order, and call nobody
    #[arg(long)]
    pub dry_run: bool,
}
