//! `callq process`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::whole::whole;
use crate::model::parse_duration;

/// Call everything that is due and allowed
///
/// Run it from cron: runs may overlap, and limits apply across all of them. If nothing is due, it exits at once. A run
/// first settles what earlier runs left behind, and asks Retell AI how accepted calls ended. It exits 1, after its work,
/// while a call that an older copy of the database forgot waits for a person. The first SIGINT, SIGTERM or SIGHUP starts
/// no more calls and waits for calls in flight. The second one ends the run at once, while its calls go on. A signal
/// that the caller ignores has no effect, such as SIGHUP under `nohup`.
#[derive(Debug, Args)]
pub struct Process {
    #[command(flatten)]
    pub client: Client,

    /// Make at most this many attempts
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>(0..=u64::MAX))]
    pub limit: Option<u64>,

    /// Start no more calls after this time; calls in flight finish
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub max_runtime: Option<TimeDelta>,

    /// Also wait until this run's accepted calls are settled, and call what comes due meanwhile
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,

    /// List what would be called now, in order, and call nobody
    #[arg(long)]
    pub dry_run: bool,
}
