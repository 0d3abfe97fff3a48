//! `callq update`

use clap::Args;

use super::add::field;
use super::listed::zone;
use super::whole::{RETRIES, whole};
use super::{ChangeOptions, Client, CommonFilter, Consent, IdArgument, ReasonFilter};
use crate::model::{Expiry, MetaTest, Metadata, Priority, RequestFields};

/// Change waiting items
///
/// Give ids or a selection, and at least one change. Items in progress or finished cannot be changed.
#[derive(Debug, Args)]
pub struct Update {
    /// Item ids (12, 12-20, 12,13, 12-), lead ids, phone numbers as written, or - for standard input
    ///
    /// A whole number is an item id; `lead:17` and `phone:2125550101` name the others.
    /// A lead or number means its item that waits or is in progress, else the newest.
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[command(flatten)]
    pub client: Client,

    /// Set the priority; add --at now to move the call to an earlier time
    #[arg(short, long, value_name = "PRIORITY")]
    pub priority: Option<Priority>,

    /// Do not call before this time
    #[arg(long, value_name = "T")]
    pub at: Option<String>,

    /// Refuse a time outside the windows instead of moving it
    #[arg(long, requires = "at")]
    pub strict: bool,

    /// Start no attempt at or after this time; `never` removes the limit
    #[arg(long, value_name = "T")]
    pub expires: Option<String>,

    /// Allow this many retries; the next call must be one of them
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(RETRIES))]
    pub max_retries: Option<u32>,

    /// Dial this number; `none` removes it
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub phone: Option<String>,

    /// Name a zone where the lead may be; replaces all zones; `none` removes them
    #[arg(long, value_name = "Z", hide_possible_values = true, allow_hyphen_values = true, value_parser = zone())]
    pub timezone: Vec<String>,

    /// Name the region where the lead may be, such as US-FL; `none` removes it
    #[arg(long, value_name = "R")]
    pub region: Option<String>,

    /// Set a text field of the metadata and keep the others; may be repeated
    #[arg(long, value_name = "K=V", value_parser = field)]
    pub meta: Vec<(String, String)>,

    /// Replace the metadata by this JSON object
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<Metadata>,

    #[command(flatten)]
    pub filter: CommonFilter,

    /// Only items of these priorities, separated by commas
    #[arg(long, value_name = "P,…", value_delimiter = ',', help_heading = "Filters")]
    pub with_priority: Vec<Priority>,

    /// Only items with this phone number, as written
    #[arg(long, value_name = "P", help_heading = "Filters", allow_hyphen_values = true)]
    pub with_phone: Option<String>,

    /// Only items with this metadata: K=V, K!=V, K= for any value, K!= for no value; may be repeated (scans all items)
    #[arg(long, value_name = "K=V", help_heading = "Filters")]
    pub with_meta: Vec<MetaTest>,

    #[command(flatten)]
    pub reason: ReasonFilter,

    #[command(flatten)]
    pub options: ChangeOptions,

    #[command(flatten)]
    pub consent: Consent,
}

impl Update {
    /// The changes that the flags ask for.
    pub fn fields(&self) -> RequestFields {
        RequestFields {
            priority: self.priority,
            at: self.at.clone(),
            strict: self.strict,
            expires: self.expires.clone().map(Expiry::from),
            max_retries: self.max_retries,
            phone: self.phone.clone(),
            region: self.region.clone(),
            timezones: self.timezone.clone(),
            metadata: self.metadata.clone(),
            meta: self.meta.clone(),
            ..RequestFields::default()
        }
    }
}
