//! What a user chooses by a word: formats, orders, what to do with duplicates. Each parses from its word and shows as it.

use super::did_you_mean;

/// The message for an unknown word of a choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{word}`: expected {expected}{meant}")]
pub struct UnknownWord {
    what: &'static str,
    word: String,
    expected: String,
    meant: String,
}

impl UnknownWord {
    pub(super) fn among(what: &'static str, word: &str, words: Vec<&str>) -> UnknownWord {
        let meant = did_you_mean(word, words.iter().copied());
        UnknownWord { what, word: word.to_owned(), expected: words.join(", "), meant }
    }

    /// The same where one more form is read.
    pub(super) fn or(mut self, form: &str) -> UnknownWord {
        self.expected.push_str(", ");
        self.expected.push_str(form);
        self
    }
}

/// An enum whose variants have a word each.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word of the command line.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $name::ALL.iter().copied().find(|choice| text.eq_ignore_ascii_case(choice.as_str())).ok_or_else(|| {
                    let words = $name::ALL.iter().map(|choice| choice.as_str()).collect();
                    $crate::model::UnknownWord::among($what, text, words)
                })
            }
        }
    };
}

pub(super) use choice;

choice! {
    /// What a call is for.
    Purpose, "purpose" {
        Sales = "sales",
        /// To collect a debt.
        Debt = "debt",
        /// To serve a customer.
        Service = "service",
        Health = "health",
    }
}

choice! {
    /// What speaks in a call.
    Voice, "voice" {
        Ai = "ai",
        Human = "human",
    }
}

choice! {
    /// How far an attempt came. The order is the one in which caps count.
    Reached, "level" {
        None = "none",
        /// The network answered: busy, or no such number.
        Network = "network",
        /// The line rang, or a machine answered.
        Line = "line",
        Person = "person",
    }
}

choice! {
    /// What a called person allowed.
    ConsentKind, "kind of consent" {
        Written = "written",
        /// Said or given by other means.
        Express = "express",
        /// The person asked for the call.
        Invited = "invited",
        /// A business relationship; it stands apart from the other three.
        Relationship = "relationship",
    }
}

choice! {
    /// Where the zones of a place come from.
    Evidence, "evidence" {
        Given = "given",
        /// From the number's area code.
        Number = "number",
        /// From the number and from another region: the lead may be at either.
        NumberAndRegion = "number+region",
        Region = "region",
        /// Nothing tells a zone.
        None = "none",
    }
}

choice! {
    /// Whose attempts a cap counts.
    CapScope, "scope" {
        /// Those of all clients to the number.
        Number = "number",
        /// Those of the same client to the number.
        Client = "client",
    }
}

choice! {
    /// How sure it is that a rule says what its row says.
    Confidence, "confidence" {
        /// The rule's own text was read.
        Primary = "primary",
        /// Two others who read it say so.
        TwoSecondary = "two secondary",
        One = "one",
        /// They differ; the row is the narrower reading.
        Conflicting = "conflicting",
    }
}

choice! {
    /// Whether the rules that come with the program hold.
    ShippedRules, "value" {
        /// They do.
        Builtin = "builtin",
        /// They do not: calling hours and rules of one's own alone.
        Off = "off",
    }
}

choice! {
    /// What holds for a number that points nowhere, when no region is known.
    UnknownNumber, "value" {
        /// The calling hours on the client's clock.
        CallingHours = "calling_hours",
        /// No call.
        Block = "block",
    }
}

choice! {
    /// The forms in which `report` reads results.
    ReportInput, "input format" {
        /// A JSON object a line.
        Jsonl = "jsonl",
        /// One webhook of Retell AI.
        Retell = "retell",
    }
}

choice! {
    /// The forms in which results are written.
    Format, "format" {
        /// For people: columns, local times, pictures.
        Table = "table",
        Json = "json",
        /// A JSON object a line, streamed.
        Jsonl = "jsonl",
        /// RFC 4180 with a header.
        Csv = "csv",
        /// Figures in the text format of Prometheus, for `stats` only.
        Openmetrics = "openmetrics",
    }
}

impl Format {
    /// Whether a program reads it: errors then are JSON too.
    pub fn is_json(self) -> bool {
        matches!(self, Format::Json | Format::Jsonl)
    }
}

choice! {
    /// What the user asked for with `--color`.
    ColorChoice, "color choice" {
        /// On a terminal that can show it.
        Auto = "auto",
        Always = "always",
        Never = "never",
    }
}

choice! {
    /// How a list of leads is written.
    InputFormat, "input format" {
        /// A lead id a line.
        Lines = "lines",
        /// A header and rows (RFC 4180).
        Csv = "csv",
        /// A JSON object a line.
        Jsonl = "jsonl",
        /// A JSON array of objects.
        Json = "json",
    }
}

choice! {
    /// A field of a lead that a column of a file, or a member of a JSON object, can hold. The word is its strict name.
    LeadField, "field" {
        /// Who is to be called.
        LeadId = "lead_id",
        /// The number to dial.
        Phone = "phone",
        /// The zones of the lead.
        Timezone = "timezone",
        /// Where the lead is, by the codes of ISO 3166.
        Region = "region",
        /// How pressing it is.
        Priority = "priority",
        /// Not before this instant.
        At = "at",
        /// A call promised for this instant.
        Callback = "callback",
        /// Not at or after this instant.
        Expires = "expires",
        /// Retries allowed.
        MaxRetries = "max_retries",
        /// The name of the request.
        Key = "key",
        /// Whose lead it is.
        Client = "client_id",
        /// The kind of the consent to be called.
        Consent = "consent",
        /// Since when there is consent.
        ConsentAt = "consent_at",
        /// How long there is consent.
        ConsentUntil = "consent_until",
        /// What proves the consent.
        ConsentProof = "consent_proof",
        /// The person asked not to be called.
        DoNotCall = "do_not_call",
        /// A JSON object with the rest.
        Metadata = "metadata",
    }
}

choice! {
    /// What to do with a lead that has a live or held item already.
    IfExists, "choice" {
        Error = "error",
        /// Leave the present item as it is.
        Skip = "skip",
        /// Change the waiting item in place.
        Replace = "replace",
    }
}

choice! {
    /// What bad records do to a batch.
    Invalid, "choice" {
        Abort = "abort",
        /// They are left out and counted.
        Skip = "skip",
    }
}

choice! {
    /// What a listing is sorted by.
    ListSort, "sort" {
        /// The order in which waiting items would be called.
        Order = "order",
        /// The earliest instant of the call.
        Scheduled = "scheduled",
        /// When it was added.
        Created = "created",
        /// When it changed last.
        Updated = "updated",
        Id = "id",
    }
}

choice! {
    /// What statistics are broken down by.
    BreakdownKey, "breakdown" {
        Client = "client",
        Priority = "priority",
        /// The hour of the client's clock at which the attempt started.
        Hour = "hour",
        /// The weekday of the client's calendar on which it started.
        Weekday = "weekday",
        /// The date of the client's calendar on which it started.
        Day = "day",
        /// Why it did not reach its lead.
        Reason = "reason",
        /// The number of the attempt.
        Attempt = "attempt",
        /// The zones of the lead.
        Zone = "zone",
        /// The number that was dialled.
        Number = "number",
    }
}

choice! {
    /// What a forecast shows.
    ForecastBy, "choice" {
        Day = "day",
        Hour = "hour",
    }
}

choice! {
    /// Whose clock a promised time is read on.
    PromiseClock, "clock" {
        Client = "client",
        Lead = "lead",
    }
}

choice! {
    /// What `config explain` draws.
    ConfigTopic, "topic" {
        Retry = "retry",
    }
}

choice! {
    /// What `config init` writes other than the built-in values.
    Preset, "preset" {
        /// Retries that leave people alone for hours, not minutes.
        Respectful = "respectful",
    }
}

choice! {
    /// The shells that completion scripts are made for.
    CompletionShell, "shell" {
        Bash = "bash",
        Elvish = "elvish",
        Fish = "fish",
        PowerShell = "powershell",
        Zsh = "zsh",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_parses_in_any_case_and_another_names_the_choices() {
        assert_eq!("JSON".parse(), Ok(Format::Json));
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "unknown format `xml`: expected table, json, jsonl, csv, openmetrics");
    }
}
