//! `callq prune`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use super::listed::listed;
use crate::model::{Status, did_you_mean, parse_duration};

/// Delete finished items with their attempts and changes
///
/// Deletes only completed, failed and cancelled items, never live or held ones. Keys of deleted items stay known: `callq
/// add --key` with such a key still changes nothing. `callq stats` no longer counts deleted items, but goes on to count their
/// calls: their sums are kept by client and quarter of an hour. What `callq stats` says of a number, a priority or another
/// part leaves them out. The file does not shrink, but its free space is used again. Items stay as long as a call of theirs counts for a cap on calls to its number,
/// and so for `law.number_rest`. Items that ended less than `recall_after` of the configuration ago stay, so that nobody is
/// called again by mistake.
///
/// Deletes in short steps, so that other commands go on beside it. A signal ends it behind a step. It says how many items
/// it has deleted; the next `callq prune` deletes the rest.
#[derive(Debug, Args)]
pub struct Prune {
    #[command(flatten)]
    pub client: Client,

    /// Only items that have not changed for this long, such as 90d
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub older_than: TimeDelta,

    /// Only items in these statuses, separated by commas
    #[arg(long, value_name = "S,…", value_delimiter = ',', value_parser = listed(finished_words, finished))]
    pub status: Vec<Status>,

    /// Count what would be deleted, and delete nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask before deleting; only a terminal asks
    #[arg(short, long)]
    pub yes: bool,
}

/// Why a word is no status of an item that may be deleted.
#[derive(Debug, thiserror::Error)]
enum NotFinished {
    #[error("unknown status `{0}`: expected completed, failed or cancelled{meant}", meant = did_you_mean(.0, finished_words()))]
    Unknown(String),
    #[error("`{0}` is a live status, and live items are never deleted: expected completed, failed or cancelled")]
    Live(Status),
}

fn finished(word: &str) -> Result<Status, NotFinished> {
    let status: Status = word.parse().map_err(|_| NotFinished::Unknown(word.to_owned()))?;
    if status.is_finished() { Ok(status) } else { Err(NotFinished::Live(status)) }
}

fn finished_words() -> Vec<&'static str> {
    Status::ALL.into_iter().filter(|status| status.is_finished()).map(Status::as_str).collect()
}
