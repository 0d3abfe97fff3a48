//! `callq log`

use clap::Args;

use super::Client;

/// Show calls and changes in time order
///
/// A call has the time of its start. A change is what a person or a rule changed in an item.
///
/// With --follow callq shows the last ten entries and then each new one, until a signal. It writes a call once, when that
/// has an outcome. As JSON it takes jsonl, since a document that follows never ends.
#[derive(Debug, Args)]
pub struct Log {
    #[command(flatten)]
    pub client: Client,

    /// Go on, and show each new call and change
    #[arg(short, long)]
    pub follow: bool,

    /// Only what happened at or after this: a duration such as 7d, or a time
    #[arg(long, value_name = "D|T")]
    pub since: Option<String>,

    /// Only calls
    #[arg(long, conflicts_with = "changes")]
    pub calls: bool,

    /// Only changes
    #[arg(long)]
    pub changes: bool,
}
