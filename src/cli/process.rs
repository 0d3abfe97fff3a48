//! `callq process`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::number::whole;
use crate::model::parse_duration;

/// Call everything that is due and allowed, until nothing more is
///
/// For cron: any number of runs may overlap, together they keep to the limits. An idle run is quiet about nothing and
/// ends at once. A run begins by settling what earlier ones left behind, and by asking Retell AI how the calls that it
/// accepted have ended. The first SIGINT, SIGTERM or SIGHUP starts no more calls and waits for those in flight; the second one
/// ends the run at once, while its calls go on. A signal that its caller ignores stays without effect: under `nohup` SIGHUP
/// does.
#[derive(Debug, Args)]
pub struct Process {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// At most so many attempts
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>(0..=u64::MAX))]
    pub limit: Option<u64>,

    /// Start no more calls after so long; those in flight are finished
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub max_runtime: Option<TimeDelta>,

    /// Also wait until the calls that this run handed over are settled, and call meanwhile what comes due
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,

    /// List what would be called now, in order, and call nobody
    #[arg(long)]
    pub dry_run: bool,
}
