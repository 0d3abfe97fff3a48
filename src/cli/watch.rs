//! `callq watch`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::interval::interval;

/// Run `process` again and again until a signal
///
/// Each turn prints a line, even if nothing was due. While calls go on, callq says on standard error every 30 s how far
/// it is. The next turn begins after the interval or at the next slot. It also
/// begins within a second after another program changes the queue or the configuration; after a turn that found a
/// dispatcher at fault, such a change waits for five seconds. If the configuration becomes invalid, callq warns and keeps
/// the last valid one.
///
/// The first SIGINT, SIGTERM or SIGHUP starts no more calls, waits for calls in flight and ends. The second one ends at
/// once, while the calls go on. A turn that fails prints its error, and the next one tries again. If the database file is
/// removed or replaced, callq ends. A signal that the caller ignores has no effect, such as SIGHUP under
/// `nohup`.
#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    pub client: Client,

    /// Rest at most this long between turns; by default `watch.interval` of the configuration, 5m
    #[arg(long, value_name = "D", value_parser = interval)]
    pub interval: Option<TimeDelta>,
}
