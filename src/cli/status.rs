//! `callq status`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::interval::interval;

/// Show what every client is doing, and what holds its calls back
///
/// `callq` alone shows the same, once there is a database. It changes nothing.
///
/// A client has a line while its items wait or are in progress, and on days with calls. `due` counts the
/// waiting items whose time has come. The state names the gate that holds the client, or else most of what is due.
///
/// `called` counts the calls since midnight on the client's clock, `reached` those that reached a person. With up to 2,000
/// waiting items it says when each client is done, about; `callq forecast` says more.
///
/// With --format openmetrics it writes the state as metrics, in the text format of Prometheus, which node_exporter's
/// textfile collector reads.
///
/// With --watch a terminal shows each page in place of the one before. Elsewhere pages follow one another; as JSON, one
/// object a line. A signal ends it.
#[derive(Debug, Default, Args)]
pub struct Status {
    #[command(flatten)]
    pub client: Client,

    /// Refresh the page until Ctrl-C, every 2s unless D is given
    #[arg(long, value_name = "D", num_args = 0..=1, require_equals = true, default_missing_value = "2s", value_parser = interval)]
    pub watch: Option<TimeDelta>,

    /// Whether the command line names no command.
    #[arg(skip)]
    pub is_bare: bool,
}
