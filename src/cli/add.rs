//! `callq add`

use clap::Args;

use super::Client;
use super::listed::zone;
use super::whole::{RETRIES, whole};
use crate::model::{
    ConsentFields, ConsentKind, Expiry, IfExists, ItemKey, LeadId, LeadRequest, Metadata, Priority, RequestFields,
};

/// Queue one lead
///
/// Prints the item's id, its slot in the client's zone, and the time until then. Times are RFC 3339, or local to the
/// client: `2026-11-23 09:30`, `09:30`, `tomorrow 09:30`, `mon 14:00`, `+90m`, `now`.
#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    pub client: Client,

    /// The client's id for the lead
    #[arg(value_name = "LEAD")]
    pub lead: LeadId,

    /// Set the priority; normal by default
    #[arg(short, long, value_name = "PRIORITY")]
    pub priority: Option<Priority>,

    /// Do not call before this time
    #[arg(long, value_name = "T")]
    pub at: Option<String>,

    /// Promise the call for this time: it comes before all others within 30 minutes, and never before
    ///
    /// A zone behind the time holds instead of the client's: "15:30 America/Chicago". A time outside of the hours is refused.
    #[arg(long, value_name = "T", conflicts_with = "at")]
    pub callback: Option<String>,

    /// Start no attempt at or after this time
    #[arg(long, value_name = "T")]
    pub expires: Option<String>,

    /// Dial this number: with +, or as written in the client's `country_code`
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub phone: Option<String>,

    /// Name a zone where the lead may be, instead of its number's; several must all be open
    #[arg(long, value_name = "Z", hide_possible_values = true, allow_hyphen_values = true, value_parser = zone())]
    pub timezone: Vec<String>,

    /// Name the region where the lead may be, such as US-FL; its rules hold too
    #[arg(long, value_name = "R")]
    pub region: Option<String>,

    /// Note that the person consented to be called, in this way
    #[arg(long, value_name = "KIND", requires = "phone")]
    pub consent: Option<ConsentKind>,

    /// Say when the consent was given; now by default
    #[arg(long, value_name = "T", requires = "consent")]
    pub consent_at: Option<String>,

    /// Say when the consent ends
    ///
    /// A relationship ends after 18 months by default, other consents do not end.
    #[arg(long, value_name = "T", requires = "consent")]
    pub consent_until: Option<String>,

    /// Say where the proof of the consent is found
    #[arg(long, value_name = "TEXT", requires = "consent")]
    pub consent_proof: Option<String>,

    /// Allow this many retries instead of the client's number
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(RETRIES))]
    pub max_retries: Option<u32>,

    /// Set a text field of the metadata; may be repeated
    #[arg(long, value_name = "K=V", value_parser = field)]
    pub meta: Vec<(String, String)>,

    /// Set the metadata as a JSON object
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<Metadata>,

    /// Name this request; repeating it with the same key changes nothing
    ///
    /// `callq prune` keeps the key of a deleted item. Repeating its request prints only id, key, client and lead.
    #[arg(long, value_name = "K")]
    pub key: Option<ItemKey>,

    /// Choose what to do when the lead has a live or held item
    ///
    /// `replace` changes a waiting item in place. Fields that are not given here stay.
    #[arg(long, value_name = "WHAT", default_value = "error")]
    pub if_exists: IfExists,

    /// Queue the lead even if it was called lately or cancelled
    ///
    /// A lead or number that was called within `recall_after` of the configuration is queued with a warning. A cancelled lead
    /// is refused. This flag queues both without a word.
    #[arg(long)]
    pub again: bool,

    /// Refuse a time outside the windows instead of moving it
    #[arg(long)]
    pub strict: bool,
}

impl Add {
    /// What the flags ask for.
    pub fn request(&self) -> LeadRequest {
        let fields = RequestFields {
            key: self.key.clone(),
            priority: self.priority,
            at: self.at.clone(),
            callback: self.callback.clone(),
            strict: self.strict,
            expires: self.expires.clone().map(Expiry::from),
            max_retries: self.max_retries,
            phone: self.phone.clone(),
            region: self.region.clone(),
            timezones: self.timezone.clone(),
            metadata: self.metadata.clone(),
            meta: self.meta.clone(),
            consent: ConsentFields {
                kind: self.consent,
                at: self.consent_at.clone(),
                until: self.consent_until.clone(),
                proof: self.consent_proof.clone(),
            },
        };
        LeadRequest { lead: self.lead.clone(), phone_names_lead: false, fields }
    }
}

/// Parses `K=V`.
pub(super) fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form K=V")),
    }
}
