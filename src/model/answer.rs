//! The words by which a dispatcher, or a person who reports, says how a call ended and when the next one may be.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{CallResult, Outcome, Reached};

/// The words of the telephone. Each is the reason of its outcome too.
const TELEPHONE: [(&str, Outcome); 7] = [
    ("no_answer", Outcome::Retry),
    (BUSY, Outcome::Retry),
    ("voicemail", Outcome::Retry),
    ("declined", Outcome::Retry),
    (DO_NOT_CALL, Outcome::Completed),
    // Without a time nobody knows what was promised: a person has to see to it.
    (CALLBACK, Outcome::Unknown),
    ("invalid_number", Outcome::Failed),
];

const DO_NOT_CALL: &str = "do_not_call";
const CALLBACK: &str = "callback";
const BUSY: &str = "busy";
/// Words of providers, each with the word of the telephone that means the same. The upgrade to schema 4 knows the first.
const SAME: [(&str, &str); 5] = [
    ("dial_busy", BUSY),
    ("dial_no_answer", "no_answer"),
    ("voicemail_reached", "voicemail"),
    ("ivr_reached", "voicemail"),
    ("user_declined", "declined"),
];

/// The word of the telephone for a provider's reason, in any case of letters; none for every other reason.
pub fn telephone_word(reason: &str) -> Option<&'static str> {
    SAME.iter().find(|(word, _)| word.eq_ignore_ascii_case(reason)).map(|(_, meaning)| *meaning)
}

/// A word for an outcome: one of the contract, or one of the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeWord {
    outcome: Outcome,
    reason: Option<&'static str>,
}

impl OutcomeWord {
    /// Reads a word, in any case of letters.
    pub fn read(word: &str) -> Option<OutcomeWord> {
        let contract = Outcome::ALL.into_iter().find(|outcome| outcome.as_str().eq_ignore_ascii_case(word));
        let telephone = || TELEPHONE.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        contract
            .map(|outcome| OutcomeWord { outcome, reason: None })
            .or_else(|| telephone().map(|(name, outcome)| OutcomeWord { outcome, reason: Some(name) }))
    }

    /// Reads a word that a person may report.
    ///
    /// # Errors
    /// When it is another one.
    pub fn reported(word: &str) -> Result<OutcomeWord, String> {
        let reported = OutcomeWord::read(word).filter(|read| read.reason.is_some() || REPORTED.contains(&read.outcome));
        reported.ok_or_else(|| {
            let (words, last) = (OutcomeWord::all_reported(), "invalid_number");
            let meant = super::did_you_mean(word, words.iter().copied());
            let most: Vec<&str> = words.iter().copied().filter(|word| *word != last).collect();
            format!("`{word}` cannot be reported: expected {} or {last}{meant}", most.join(", "))
        })
    }

    /// Every word that a person may report.
    pub fn all_reported() -> Vec<&'static str> {
        REPORTED.iter().map(|outcome| outcome.as_str()).chain(TELEPHONE.iter().map(|(name, _)| *name)).collect()
    }

    /// The result that it stands for. A reason that is given says more than the word, but for a call that was promised.
    pub fn result(self, reason: Option<String>) -> CallResult {
        let is_callback = self.reason == Some(CALLBACK);
        let reason = reason.filter(|_| !is_callback).or_else(|| self.reason.map(str::to_owned));
        let do_not_call = self.reason == Some(DO_NOT_CALL);
        CallResult { reason, do_not_call, hold: is_callback, ..CallResult::of(self.outcome) }
    }

    /// Whether it says that a call was promised.
    pub fn is_callback(self) -> bool {
        self.reason == Some(CALLBACK)
    }
}

const REPORTED: [Outcome; 3] = [Outcome::Completed, Outcome::Retry, Outcome::Failed];

/// Whether a reason says that the person asked not to be called again.
pub(super) fn asks_for_no_call(reason: &str) -> bool {
    [DO_NOT_CALL, "user_requested_dnc"].iter().any(|word| word.eq_ignore_ascii_case(reason))
}

/// When a lead may be called again, as it was written: it is read when the client and the lead are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTime {
    /// As for `--at`.
    pub text: String,
    /// It is meant on the lead's clock, not on the client's.
    pub on_leads_clock: bool,
}

impl WrittenTime {
    /// The most characters that are kept.
    const LONGEST: usize = 256;

    /// A field of an answer: a text, or `{"at": TEXT, "clock": "lead"}`; what is neither is kept, and is no time.
    pub fn of_json(json: &str) -> Option<WrittenTime> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Clock {
            Client,
            Lead,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Null(()),
            Text(String),
            #[serde(rename_all = "lowercase")]
            Object {
                at: String,
                #[serde(default)]
                clock: Option<Clock>,
            },
        }
        let (text, on_leads_clock) = match serde_json::from_str(json) {
            Ok(Form::Null(())) => return None,
            Ok(Form::Text(text)) => (text, false),
            Ok(Form::Object { at, clock }) => (at, matches!(clock, Some(Clock::Lead))),
            Err(_) => (json.to_owned(), false),
        };
        let text = text.chars().filter(|c| !c.is_control()).take(WrittenTime::LONGEST).collect();
        Some(WrittenTime { text, on_leads_clock })
    }

    /// The instant, where the text alone tells it.
    pub fn instant(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(self.text.trim()).ok().map(|instant| instant.to_utc())
    }
}

impl std::fmt::Display for WrittenTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = if self.on_leads_clock { " on the lead's clock" } else { "" };
        write!(f, "`{}`{clock}", self.text)
    }
}

impl CallResult {
    /// The result with the time of the next call, as it was written. With it, a call that was promised is made again.
    #[must_use]
    pub fn at_written(self, word: OutcomeWord, time: Option<WrittenTime>) -> CallResult {
        match time {
            Some(time) => {
                let (outcome, hold) =
                    if word.is_callback() { (Outcome::Retry, false) } else { (self.outcome, self.hold) };
                match time.instant() {
                    Some(instant) => CallResult { retry_at: Some(instant), outcome, hold, ..self },
                    None => CallResult { written_time: Some(Box::new(time)), outcome, hold, ..self },
                }
            }
            None => self,
        }
    }

    /// The instant for which a call was promised to the person, once it is read.
    pub fn promised_at(&self) -> Option<DateTime<Utc>> {
        let is_promise = self.outcome == Outcome::Retry
            && self.reason.as_deref().is_some_and(|reason| reason.eq_ignore_ascii_case(CALLBACK));
        self.retry_at.filter(|_| is_promise)
    }

    /// How far the call came: as the dispatcher says, else by outcome and reason (law.md, section 3); none while nobody
    /// knows.
    pub fn level(&self) -> Option<Reached> {
        let is = |words: &[&str]| {
            self.reason.as_deref().is_some_and(|reason| words.iter().any(|word| word.eq_ignore_ascii_case(reason)))
        };
        let by_outcome = || match self.outcome {
            Outcome::Returned | Outcome::Unavailable => Some(Reached::None),
            _ if self.blocks_number() || is(&[CALLBACK]) => Some(Reached::Person),
            Outcome::Completed => Some(Reached::Person),
            Outcome::Failed => Some(Reached::Network),
            Outcome::Retry if is(&[BUSY]) || self.reason.as_deref().and_then(telephone_word) == Some(BUSY) => {
                Some(Reached::Network)
            }
            Outcome::Retry => Some(Reached::Line),
            Outcome::Unknown | Outcome::Accepted => None,
        };
        self.reached.or_else(by_outcome)
    }

    /// Whether the number is not to be called any more.
    pub fn blocks_number(&self) -> bool {
        self.do_not_call || self.reason.as_deref().is_some_and(asks_for_no_call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case() {
        for (word, outcome, reason, do_not_call, hold) in [
            ("completed", Outcome::Completed, None, false, false),
            ("Returned", Outcome::Returned, None, false, false),
            ("NO_ANSWER", Outcome::Retry, Some("no_answer"), false, false),
            ("busy", Outcome::Retry, Some("busy"), false, false),
            ("Voicemail", Outcome::Retry, Some("voicemail"), false, false),
            ("declined", Outcome::Retry, Some("declined"), false, false),
            ("do_not_call", Outcome::Completed, Some("do_not_call"), true, false),
            ("callback", Outcome::Unknown, Some("callback"), false, true),
            ("invalid_number", Outcome::Failed, Some("invalid_number"), false, false),
        ] {
            let result = OutcomeWord::read(word).unwrap().result(None);
            let seen = (result.outcome, result.reason.as_deref(), result.do_not_call, result.hold);
            assert_eq!(seen, (outcome, reason, do_not_call, hold), "{word}");
            assert_eq!(result.blocks_number(), do_not_call);
        }
        let result = OutcomeWord::read("busy").unwrap().result(Some("User_Requested_DNC".to_owned()));
        assert!(result.reason.as_deref() == Some("User_Requested_DNC") && result.blocks_number());
        for word in ["", "maybe", "completed ", "no answer"] {
            assert_eq!(OutcomeWord::read(word), None, "{word}");
        }
        let refusal = OutcomeWord::reported("unknown").unwrap_err();
        assert!(refusal.contains("completed, retry, failed, no_answer, busy"), "{refusal}");
        assert!(refusal.ends_with("callback or invalid_number"), "{refusal}");
    }

    #[test]
    fn a_promise_needs_a_time() {
        let result = |json: &str| {
            let word = OutcomeWord::read("Callback").unwrap();
            word.result(Some("asked".to_owned())).at_written(word, WrittenTime::of_json(json))
        };
        let held = result("null");
        assert_eq!((held.outcome, held.hold, held.promised_at()), (Outcome::Unknown, true, None));
        let unread = result(r#""15:30""#);
        assert_eq!((unread.outcome, unread.hold, unread.promised_at()), (Outcome::Retry, false, None));
        let at: DateTime<Utc> = "2026-11-23T20:30:00Z".parse().unwrap();
        let promised = result(r#""2026-11-23T15:30:00-05:00""#);
        assert_eq!((promised.outcome, promised.promised_at()), (Outcome::Retry, Some(at)));
        assert_eq!((promised.reason.as_deref(), promised.level()), (Some("callback"), Some(Reached::Person)));
        let again = CallResult { retry_at: Some(at), ..CallResult::of(Outcome::Retry).because("busy") };
        assert_eq!(again.promised_at(), None);
    }

    #[test]
    fn the_level_follows_from_outcome_and_reason_unless_it_is_said() {
        for (outcome, reason, level) in [
            (Outcome::Returned, "no_free_line", Some(Reached::None)),
            (Outcome::Unavailable, "exit_69", Some(Reached::None)),
            (Outcome::Retry, "busy", Some(Reached::Network)),
            (Outcome::Retry, "Dial_Busy", Some(Reached::Network)),
            (Outcome::Failed, "invalid_number", Some(Reached::Network)),
            (Outcome::Retry, "no_answer", Some(Reached::Line)),
            (Outcome::Retry, "voicemail", Some(Reached::Line)),
            (Outcome::Retry, "declined", Some(Reached::Line)),
            (Outcome::Retry, "do_not_call", Some(Reached::Person)),
            (Outcome::Completed, "answered", Some(Reached::Person)),
            (Outcome::Unknown, "callback", Some(Reached::Person)),
            (Outcome::Unknown, "signal", None),
            (Outcome::Accepted, "queued", None),
        ] {
            let result = CallResult::of(outcome).because(reason);
            assert_eq!(result.level(), level, "{outcome} {reason}");
            let said = CallResult { reached: Some(Reached::Line), ..result };
            assert_eq!(said.level(), Some(Reached::Line), "{outcome} {reason}");
        }
    }

    #[test]
    fn a_time_is_kept_as_it_was_written() {
        let written = |json: &str| WrittenTime::of_json(json).map(|time| (time.text, time.on_leads_clock));
        assert_eq!(written("null"), None);
        assert_eq!(written(r#""15:30""#), Some(("15:30".to_owned(), false)));
        assert_eq!(written(r#"{"at": "15:30", "clock": "lead"}"#), Some(("15:30".to_owned(), true)));
        assert_eq!(written(r#"{"at": "15:30", "clock": "client"}"#), Some(("15:30".to_owned(), false)));
        assert_eq!(written(r#"{"at": "15:30"}"#), Some(("15:30".to_owned(), false)));
        for odd in ["5", r#"{"at": 5}"#, r#"{"at": "15:30", "clock": "moon"}"#, "[]"] {
            assert_eq!(written(odd), Some((odd.to_owned(), false)));
        }
    }
}
