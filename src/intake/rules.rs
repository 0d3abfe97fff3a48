//! How an input is to be read, beyond what it shows by itself.

use super::encoding::InputEncoding;
use super::field::Rank;
use crate::compliance::CallingCode;
use crate::model::{ColumnChoice, Delimiter, InputFormat, LeadField};

/// What a person says about an input, and what is known of its client.
#[derive(Debug, Clone, Default)]
pub struct InputRules {
    /// The format; guessed when none is given.
    pub format: Option<InputFormat>,
    /// The delimiter of a table; found in its header when none is given.
    pub delimiter: Option<Delimiter>,
    /// The encoding; UTF-8, or UTF-16 where that shows, when none is given.
    pub encoding: Option<InputEncoding>,
    /// The columns that a person chose.
    pub columns: Vec<ColumnChoice>,
    /// The client is known, so that no column needs to name it.
    pub client_is_known: bool,
    /// The country of national numbers.
    pub country_code: Option<CallingCode>,
    /// The leads are arguments, one a line: every line is one.
    pub arguments: bool,
}

impl InputRules {
    /// Whether a name means its field here. A `client` column names the client only where nothing else does, and `state`
    /// means a region only in North America.
    pub(super) fn reads(&self, name: &str, field: LeadField, rank: Rank) -> bool {
        match (field, rank) {
            (LeadField::Client, Rank::Candidate) => !self.client_is_known,
            (LeadField::Region, Rank::Candidate) => {
                name.eq_ignore_ascii_case("state") && self.country_code.is_some_and(|code| code.digits() == "1")
            }
            _ => true,
        }
    }
}
