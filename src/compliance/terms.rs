//! The calls to which a rule or a cap applies.

use std::fmt;
use std::str::FromStr;

use crate::model::{Purpose, Voice};

/// Terms joined by `+`, such as `ai+sales`; a call must fit all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Terms {
    purpose: Option<Purpose>,
    voice: Option<Voice>,
}

/// The message for a text that names no calls.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` names no calls: write any, sales, debt, service, health or ai, or two joined, such as ai+sales", .0.escape_debug())]
pub struct UnknownTerms(String);

impl Terms {
    /// Whether a dial fits. A call whose purpose is unset is asked like one of sales.
    pub fn fit_dial(self, purpose: Option<Purpose>, voice: Voice) -> bool {
        let purpose = purpose.unwrap_or(Purpose::Sales);
        self.purpose.is_none_or(|wanted| wanted == purpose) && self.voice.is_none_or(|wanted| wanted == voice)
    }

    /// Whether a past attempt fits. What is unknown of it counts as the worst: it fits.
    pub fn fit_attempt(self, purpose: Option<Purpose>, voice: Option<Voice>) -> bool {
        let fits_purpose = purpose.is_none() || self.purpose.is_none_or(|wanted| Some(wanted) == purpose);
        let fits_voice = voice.is_none() || self.voice.is_none_or(|wanted| Some(wanted) == voice);
        fits_purpose && fits_voice
    }
}

impl FromStr for Terms {
    type Err = UnknownTerms;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownTerms(text.to_owned());
        let mut terms = Terms::default();
        for word in text.split('+') {
            let is_new = match (word, word.parse::<Purpose>()) {
                ("any", _) => true,
                ("ai", _) => terms.voice.replace(Voice::Ai).is_none(),
                (_, Ok(purpose)) => terms.purpose.replace(purpose).is_none(),
                _ => false,
            };
            if !is_new {
                return Err(unknown());
            }
        }
        Ok(terms)
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.voice, self.purpose) {
            (None, None) => f.pad("any"),
            (Some(voice), None) => f.pad(voice.as_str()),
            (None, Some(purpose)) => f.pad(purpose.as_str()),
            (Some(voice), Some(purpose)) => write!(f, "{voice}+{purpose}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_joined_by_a_plus_and_all_must_fit() {
        for (text, dial, fits) in [
            ("any", (None, Voice::Human), true),
            ("sales", (None, Voice::Human), true),
            ("sales", (Some(Purpose::Debt), Voice::Ai), false),
            ("ai", (Some(Purpose::Debt), Voice::Ai), true),
            ("ai+sales", (Some(Purpose::Sales), Voice::Human), false),
            ("ai+health", (Some(Purpose::Health), Voice::Ai), true),
        ] {
            let terms: Terms = text.parse().unwrap();
            assert_eq!(terms.fit_dial(dial.0, dial.1), fits, "{text}");
            assert_eq!(terms.to_string(), text);
        }
        assert_eq!("sales+ai".parse::<Terms>().unwrap().to_string(), "ai+sales");
    }

    #[test]
    fn what_is_unknown_of_an_attempt_fits() {
        let terms: Terms = "ai+debt".parse().unwrap();
        assert!(terms.fit_attempt(None, None) && terms.fit_attempt(None, Some(Voice::Ai)));
        assert!(terms.fit_attempt(Some(Purpose::Debt), None));
        assert!(!terms.fit_attempt(Some(Purpose::Sales), None));
    }

    #[test]
    fn other_words_and_doubled_ones_are_refused() {
        for text in ["", "ai+", "human", "ai+ai", "sales+debt", "sale"] {
            assert!(text.parse::<Terms>().is_err(), "{text}");
        }
    }
}
