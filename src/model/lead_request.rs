//! A request to queue a lead, as flags or a record of a file write it.

use super::{ConsentKind, ItemKey, LeadId, Metadata, Priority};

/// A lead to queue. Texts that only the client's policy can read (the phone number needs its country code, the instants
/// its zone) are still texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRequest {
    /// Who is to be called.
    pub lead: LeadId,
    /// The lead has no id of its own: its number names it, as written here.
    pub phone_names_lead: bool,
    /// What else is given.
    pub fields: RequestFields,
}

/// The fields of a request that may be left out, which are also those that a later request can change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFields {
    /// The caller's own name of the request.
    pub key: Option<ItemKey>,
    /// How pressing it is.
    pub priority: Option<Priority>,
    /// Not before this instant, as written.
    pub at: Option<String>,
    /// A call promised for this instant, as written.
    pub callback: Option<String>,
    /// Refuse an instant outside the windows instead of moving it.
    pub strict: bool,
    /// Not at or after this instant, as written.
    pub expires: Option<Expiry<String>>,
    pub max_retries: Option<u32>,
    /// The number to dial, as written; `none` takes it away.
    pub phone: Option<String>,
    /// The code of the lead's region, as written; `none` takes it away.
    pub region: Option<String>,
    /// The lead's zones, each cell or flag as written; `none` takes them away.
    pub timezones: Vec<String>,
    /// The metadata as a whole.
    pub metadata: Option<Metadata>,
    /// Text fields to put over the metadata.
    pub meta: Vec<(String, String)>,
    /// What the person of the number allowed the client.
    pub consent: ConsentFields,
}

/// A consent as a request writes it; the instants are still texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsentFields {
    pub kind: Option<ConsentKind>,
    /// When it was given.
    pub at: Option<String>,
    pub until: Option<String>,
    /// Where its proof is found.
    pub proof: Option<String>,
}

impl ConsentFields {
    /// Whether nothing is said of a consent.
    pub fn is_empty(&self) -> bool {
        *self == ConsentFields::default()
    }
}

/// Until when attempts may start: an instant, or its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry<T> {
    Never,
    /// No attempt starts at or after it.
    At(T),
}

impl From<String> for Expiry<String> {
    /// The word `never`, or the text of an instant.
    fn from(text: String) -> Expiry<String> {
        if text.eq_ignore_ascii_case("never") { Expiry::Never } else { Expiry::At(text) }
    }
}

impl<T> Expiry<T> {
    /// The instant, unless there is no limit.
    pub fn at(self) -> Option<T> {
        match self {
            Expiry::Never => None,
            Expiry::At(instant) => Some(instant),
        }
    }
}
