//! `callq update`

use clap::Args;

use super::add::field;
use super::number::{RETRIES, whole};
use super::{Client, CommonFilter, Consent, IdArgument, ReasonFilter};
use crate::model::{Metadata, Priority, ZoneName};

/// Change items that are not in progress or finished
///
/// Give ids or a selection, and at least one change.
#[derive(Debug, Args)]
pub struct Update {
    /// Ids, ranges such as 12-20, or - for ids on standard input
    #[arg(value_name = "ID")]
    pub ids: Vec<IdArgument>,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub client: Client,

    /// The new priority: urgent, high, normal or low; the call is not moved to an earlier time: add --at now for that
    #[arg(short, long, value_name = "PRIORITY")]
    pub priority: Option<Priority>,

    /// Not before this time
    #[arg(long, value_name = "T")]
    pub at: Option<String>,

    /// No attempt starts at or after this time; `never` takes the limit away
    #[arg(long, value_name = "T")]
    pub expires: Option<String>,

    /// Retries allowed; the next call must be one of them
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(RETRIES))]
    pub max_retries: Option<u32>,

    /// The number to dial, in E.164
    #[arg(long, value_name = "E164", allow_hyphen_values = true)]
    pub phone: Option<String>,

    /// A zone in which the lead may be; replaces all zones; may be repeated
    #[arg(long, value_name = "Z")]
    pub timezone: Vec<ZoneName>,

    /// A text field of the metadata; the other fields stay; may be repeated
    #[arg(long, value_name = "K=V", value_parser = field)]
    pub meta: Vec<(String, String)>,

    /// The whole metadata as a JSON object
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<Metadata>,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub filter: CommonFilter,

    /// Only items of these priorities, separated by commas
    #[arg(long, value_name = "P,…", value_delimiter = ',', help_heading = "Filters")]
    pub with_priority: Vec<Priority>,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub reason: ReasonFilter,

    #[expect(missing_docs, reason = "clap shows the documentation of the struct")]
    #[command(flatten)]
    pub consent: Consent,
}
