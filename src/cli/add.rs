//! `callq add`

use clap::Args;

use super::Client;
use super::number::{RETRIES, whole};
use crate::model::{IfExists, ItemKey, LeadId, Metadata, Priority, ZoneName};

/// Queue one lead
///
/// Prints the item's id, its slot in the client's zone, and how long until then. Times are RFC 3339, or local to the
/// client: `2026-11-23 09:30`, `09:30`, `tomorrow 09:30`, `mon 14:00`, `+90m`, `now`.
#[derive(Debug, Args)]
pub struct Add {
    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// The client's own id of the lead
    #[arg(value_name = "LEAD")]
    pub lead: LeadId,

    /// urgent, high, normal or low; normal unless one is given
    #[arg(short, long, value_name = "PRIORITY")]
    pub priority: Option<Priority>,

    /// Not before this time
    #[arg(long, value_name = "T")]
    pub at: Option<String>,

    /// No attempt starts at or after this time
    #[arg(long, value_name = "T")]
    pub expires: Option<String>,

    /// The number to dial, in E.164
    #[arg(long, value_name = "E164", allow_hyphen_values = true)]
    pub phone: Option<String>,

    /// A zone in which the lead may be; more than one means open in all
    #[arg(long, value_name = "Z")]
    pub timezone: Vec<ZoneName>,

    /// Retries allowed, instead of the client's number
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(RETRIES))]
    pub max_retries: Option<u32>,

    /// A text field of the metadata; may be repeated
    #[arg(long, value_name = "K=V", value_parser = field)]
    pub meta: Vec<(String, String)>,

    /// The metadata as a JSON object
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<Metadata>,

    /// Your own name of this request: repeating it changes nothing
    ///
    /// It stays known when its item is pruned; then id, key, client and lead are all that is printed of the item.
    #[arg(long, value_name = "K")]
    pub key: Option<ItemKey>,

    /// When the lead has a live or held item: error, skip or replace
    ///
    /// `replace` changes a waiting item in place: what is given here; all else of it stays.
    #[arg(long, value_name = "WHAT", default_value = "error")]
    pub if_exists: IfExists,

    /// Refuse a time outside of the windows instead of moving it
    #[arg(long)]
    pub strict: bool,
}

/// Parses `K=V`.
pub(super) fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form K=V")),
    }
}
