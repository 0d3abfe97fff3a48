//! `callq watch`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::interval::interval;

/// Do what `process` does again and again, until a signal
///
/// Each turn prints a line, also one that finds nothing to call. The next one begins after the interval, at the next slot,
/// or within a second after another program has changed the queue or the configuration, whichever is first. A
/// configuration that has become wrong is told of, and the one before it stays in use.
///
/// The first SIGINT, SIGTERM or SIGHUP starts no more calls, waits for those in flight and ends; the second one ends at
/// once, while the calls go on. A signal that its caller ignores stays without effect: under `nohup` SIGHUP does. A turn that fails says so, and the next one tries again; a database file that was removed
/// or replaced ends all.
#[derive(Debug, Args)]
pub struct Watch {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// Rest at most so long between two turns; without it `watch.interval` of the configuration, 5m
    #[arg(long, value_name = "D", value_parser = interval)]
    pub interval: Option<TimeDelta>,
}
