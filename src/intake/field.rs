//! The fields that a file may name, and the spellings of their names.

use crate::model::{ColumnChoice, LeadField};

/// How surely a name means its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Another program's word for it.
    Candidate,
    /// The field's own name, in any case, with blanks for `_`, or run together.
    Strict,
    /// A person chose it.
    Chosen,
}

/// The field of a name, and how surely: case, blanks, `_` and `-` do not matter.
pub(super) fn spelling(name: &str) -> Option<(LeadField, Rank)> {
    let mut letters = [0_u8; 20];
    let mut used = 0;
    for sign in name.chars().filter(|sign| !sign.is_whitespace() && !matches!(sign, '_' | '-')) {
        *letters.get_mut(used)? = u8::try_from(sign).ok().filter(u8::is_ascii)?.to_ascii_lowercase();
        used += 1;
    }
    let strict = |field| Some((field, Rank::Strict));
    let candidate = |field| Some((field, Rank::Candidate));
    match letters.get(..used)? {
        b"leadid" => strict(LeadField::LeadId),
        b"id" | b"recordid" | b"contactid" | b"lead.id" => candidate(LeadField::LeadId),
        b"phone" => strict(LeadField::Phone),
        b"phonenumber" | b"mobile" | b"cell" | b"telephone" | b"primaryphone" | b"tonumber" => {
            candidate(LeadField::Phone)
        }
        // `time zone` is another program's word.
        b"timezone" if name.trim().len() == used => strict(LeadField::Timezone),
        b"timezone" => candidate(LeadField::Timezone),
        b"timezones" | b"tz" => candidate(LeadField::Timezone),
        b"region" => strict(LeadField::Region),
        b"state" | b"province" => candidate(LeadField::Region),
        b"priority" => strict(LeadField::Priority),
        b"at" => strict(LeadField::At),
        // `Call Back` is another program's word, and may be a yes.
        b"callback" if name.trim().len() == used => strict(LeadField::Callback),
        b"scheduledat" => candidate(LeadField::At),
        b"expires" => strict(LeadField::Expires),
        b"expiresat" => candidate(LeadField::Expires),
        b"maxretries" => strict(LeadField::MaxRetries),
        b"key" => strict(LeadField::Key),
        b"clientid" => strict(LeadField::Client),
        b"client" => candidate(LeadField::Client),
        b"consent" => strict(LeadField::Consent),
        b"consentat" => strict(LeadField::ConsentAt),
        b"consentuntil" => strict(LeadField::ConsentUntil),
        b"consentproof" => strict(LeadField::ConsentProof),
        b"donotcall" => strict(LeadField::DoNotCall),
        b"dnc" | b"donotcontact" | b"hasoptedoutofcall" | b"optout" => candidate(LeadField::DoNotCall),
        b"metadata" => strict(LeadField::Metadata),
        _ => None,
    }
}

/// The field that a name stands for by a person's choices, else by its spelling. A field that a person chose a column for
/// has no other one.
pub(super) fn field_of(name: &str, choices: &[ColumnChoice]) -> Option<(LeadField, Rank)> {
    let chosen = choices.iter().find(|choice| choice.header.as_deref() == Some(name));
    if let Some(choice) = chosen {
        return Some((choice.field, Rank::Chosen));
    }
    spelling(name).filter(|(field, _)| !choices.iter().any(|choice| choice.field == *field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_field_are_one() {
        let table = [
            (LeadField::LeadId, &["lead_id", "leadId", "Lead ID", "LEAD_ID", "lead-id"][..]),
            (LeadField::Phone, &["phone", "PHONE"]),
            (LeadField::Timezone, &["timezone", "timeZone", " TIMEZONE"]),
            (LeadField::Priority, &["priority", "PRIORITY"]),
            (LeadField::At, &["at"]),
            (LeadField::Callback, &["callback", "Callback"]),
            (LeadField::Expires, &["expires"]),
            (LeadField::MaxRetries, &["max_retries", "maxRetries", "Max Retries"]),
            (LeadField::Key, &["key", "Key"]),
            (LeadField::Client, &["client_id", "Client ID"]),
            (LeadField::DoNotCall, &["do_not_call", "Do Not Call", "DoNotCall"]),
            (LeadField::Metadata, &["metadata"]),
        ];
        for (field, spellings) in table {
            for name in spellings {
                assert_eq!(spelling(name), Some((field, Rank::Strict)), "{name}");
            }
        }
        for field in LeadField::ALL {
            assert_eq!(spelling(field.as_str()), Some((*field, Rank::Strict)));
        }
    }

    #[test]
    fn the_words_of_other_programs_are_candidates() {
        let table = [
            (LeadField::LeadId, &["id", "Record ID", "Contact ID", "lead.id"][..]),
            (
                LeadField::Phone,
                &["Phone Number", "phone_number", "phoneNumber", "Mobile", "Cell", "Primary Phone", "to_number"],
            ),
            (LeadField::Timezone, &["timezones", "timeZones", "TZ", "time_zone", "Time Zone"]),
            (LeadField::At, &["scheduledAt", "scheduled_at"]),
            (LeadField::Expires, &["expiresAt", "expires_at"]),
            (LeadField::Region, &["State", "Province"]),
            (LeadField::Client, &["Client"]),
            (LeadField::DoNotCall, &["DNC", "Do Not Contact", "HasOptedOutOfCall", "has_opted_out_of_call", "Opt Out"]),
        ];
        for (field, spellings) in table {
            for name in spellings {
                assert_eq!(spelling(name), Some((field, Rank::Candidate)), "{name}");
            }
        }
        for name in [
            "",
            "lead",
            "first name",
            "phone number of the lead's mother",
            "email opt out",
            "é",
            "atx",
            "Call back",
            "call_back",
            "callback number",
        ] {
            assert_eq!(spelling(name), None, "{name}");
        }
    }

    #[test]
    fn a_choice_goes_before_every_spelling() {
        let choices = ["phone=Work".parse().unwrap(), "consent=".parse().unwrap()];
        assert_eq!(field_of("Work", &choices), Some((LeadField::Phone, Rank::Chosen)));
        for name in ["phone", "Mobile", "consent"] {
            assert_eq!(field_of(name, &choices), None, "{name}");
        }
        assert_eq!(field_of("lead_id", &choices), Some((LeadField::LeadId, Rank::Strict)));
    }
}
