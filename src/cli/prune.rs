//! `callq prune`

use chrono::TimeDelta;
use clap::Args;

use super::Client;
use crate::model::{Status, UnknownStatus, parse_duration};

/// Delete finished items, their attempts and their changes
///
/// Only completed, failed and cancelled items are deleted, never a live one, and never a held one: about those a person
/// decides. Their keys stay known, so that `callq add --key` of a deleted item still changes nothing. Figures of
/// `callq stats` are of what is kept. The file does not get smaller; its free room is used again.
#[derive(Debug, Args)]
pub struct Prune {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// Only items that have not changed for so long, such as 90d
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub older_than: TimeDelta,

    /// Only items in these statuses, separated by commas: completed, failed, cancelled
    #[arg(long, value_name = "S,…", value_delimiter = ',', value_parser = finished)]
    pub status: Vec<Status>,

    /// Only count what would be deleted
    #[arg(long)]
    pub dry_run: bool,
}

/// Why a word is no status of an item that may be deleted.
#[derive(Debug, thiserror::Error)]
enum NotFinished {
    #[error(transparent)]
    Unknown(#[from] UnknownStatus),
    #[error("`{0}` is a live status, and live items are never deleted: expected completed, failed or cancelled")]
    Live(Status),
}

fn finished(word: &str) -> Result<Status, NotFinished> {
    let status: Status = word.parse()?;
    if status.is_finished() { Ok(status) } else { Err(NotFinished::Live(status)) }
}
