//! The fields that a record may name, and their spellings.

/// A field that callq understands; every other name belongs to the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Lead,
    Phone,
    Zones,
    Region,
    Priority,
    At,
    Expires,
    MaxRetries,
    Key,
    Metadata,
}

impl Field {
    /// Every field, in the order of the enum.
    pub(super) const ALL: [Field; 10] = [
        Field::Lead,
        Field::Phone,
        Field::Zones,
        Field::Region,
        Field::Priority,
        Field::At,
        Field::Expires,
        Field::MaxRetries,
        Field::Key,
        Field::Metadata,
    ];

    /// The field of a name: case, spaces, `_` and `-` do not matter, so that `lead_id`, `leadId` and `Lead ID` are one.
    pub(super) fn of(name: &str) -> Option<Field> {
        // Files of millions of records mostly use the documented names.
        if let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) {
            return Some(field);
        }
        let mut letters = [0_u8; 16];
        let mut used = 0;
        for byte in name.bytes().filter(|byte| !matches!(byte, b' ' | b'_' | b'-')) {
            *letters.get_mut(used)? = byte.to_ascii_lowercase();
            used += 1;
        }
        match letters.get(..used)? {
            b"leadid" => Some(Field::Lead),
            b"phone" | b"phonenumber" => Some(Field::Phone),
            b"timezone" | b"timezones" => Some(Field::Zones),
            b"region" => Some(Field::Region),
            b"priority" => Some(Field::Priority),
            b"at" | b"scheduledat" => Some(Field::At),
            b"expires" | b"expiresat" => Some(Field::Expires),
            b"maxretries" => Some(Field::MaxRetries),
            b"key" => Some(Field::Key),
            b"metadata" => Some(Field::Metadata),
            _ => None,
        }
    }

    /// The name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Field::Lead => "lead_id",
            Field::Phone => "phone",
            Field::Zones => "timezone",
            Field::Region => "region",
            Field::Priority => "priority",
            Field::At => "at",
            Field::Expires => "expires",
            Field::MaxRetries => "max_retries",
            Field::Key => "key",
            Field::Metadata => "metadata",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_field_are_one() {
        let table = [
            (Field::Lead, &["lead_id", "leadId", "Lead ID", "LEAD_ID", "lead-id"][..]),
            (Field::Phone, &["phone", "Phone Number", "phone_number", "phoneNumber"]),
            (Field::Zones, &["timezone", "timezones", "time_zone", "Time Zone", "timeZones"]),
            (Field::Region, &["region", "Region"]),
            (Field::Priority, &["priority", "PRIORITY"]),
            (Field::At, &["at", "scheduledAt", "scheduled_at"]),
            (Field::Expires, &["expires", "expiresAt", "expires_at"]),
            (Field::MaxRetries, &["max_retries", "maxRetries", "Max Retries"]),
            (Field::Key, &["key", "Key"]),
            (Field::Metadata, &["metadata"]),
        ];
        assert_eq!(table.map(|(field, _)| field), Field::ALL);
        for (field, spellings) in table {
            assert_eq!(Field::of(field.name()), Some(field));
            for spelling in spellings {
                assert_eq!(Field::of(spelling), Some(field), "{spelling}");
            }
        }
    }

    #[test]
    fn other_names_are_none() {
        for name in ["", "lead", "id", "first name", "phone number of the lead's mother", "lead.id", "é", "atx"] {
            assert_eq!(Field::of(name), None, "{name}");
        }
    }
}
