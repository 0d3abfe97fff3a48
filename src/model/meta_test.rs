//! A test of one metadata field, as a filter asks for it.

use std::fmt;
use std::str::FromStr;

use super::Metadata;

/// A field of the metadata and what must be true of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaTest {
    pub key: String,
    pub wanted: MetaValue,
}

/// What a metadata field must hold. Its text is compared: a string without its quotes, other values as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetaValue {
    /// Anything but `null`.
    Present,
    /// Absent, or `null`.
    Absent,
    Is(String),
    /// Another value, or none.
    IsNot(String),
}

/// The message for a text that is no test of a metadata field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a metadata filter: write K=V, K!=V, K= for any value, or K!= for none", .0.escape_debug())]
pub struct InvalidMetaTest(String);

impl MetaTest {
    /// Whether the metadata of an item passes it.
    pub fn passes(&self, metadata: Option<&Metadata>) -> bool {
        let value = metadata.and_then(|metadata| metadata.field(&self.key));
        match &self.wanted {
            MetaValue::Present => value.is_some(),
            MetaValue::Absent => value.is_none(),
            MetaValue::Is(wanted) => value.as_ref() == Some(wanted),
            MetaValue::IsNot(unwanted) => value.as_ref() != Some(unwanted),
        }
    }
}

impl FromStr for MetaTest {
    type Err = InvalidMetaTest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidMetaTest(text.to_owned());
        let (key, value) = text.split_once('=').ok_or_else(invalid)?;
        let (key, wanted) = match (key.strip_suffix('!'), value) {
            (None, "") => (key, MetaValue::Present),
            (None, value) => (key, MetaValue::Is(value.to_owned())),
            (Some(key), "") => (key, MetaValue::Absent),
            (Some(key), value) => (key, MetaValue::IsNot(value.to_owned())),
        };
        if key.is_empty() { Err(invalid()) } else { Ok(MetaTest { key: key.to_owned(), wanted }) }
    }
}

impl fmt::Display for MetaTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wanted {
            MetaValue::Present => write!(f, "{}=", self.key),
            MetaValue::Absent => write!(f, "{}!=", self.key),
            MetaValue::Is(value) => write!(f, "{}={value}", self.key),
            MetaValue::IsNot(value) => write!(f, "{}!={value}", self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_and_shows_as_it_was_written() {
        for (text, key, wanted) in [
            ("campaign=spring", "campaign", MetaValue::Is("spring".into())),
            ("campaign=a=b", "campaign", MetaValue::Is("a=b".into())),
            ("campaign!=spring", "campaign", MetaValue::IsNot("spring".into())),
            ("campaign=", "campaign", MetaValue::Present),
            ("campaign!=", "campaign", MetaValue::Absent),
        ] {
            let test: MetaTest = text.parse().unwrap();
            assert_eq!((test.key.as_str(), &test.wanted), (key, &wanted), "{text}");
            assert_eq!(test.to_string(), text);
        }
        for text in ["", "campaign", "=spring", "!=spring", "="] {
            assert_eq!(text.parse::<MetaTest>(), Err(InvalidMetaTest(text.into())));
        }
    }

    #[test]
    fn a_value_is_compared_as_its_text() {
        let metadata: Metadata = r#"{"campaign": "spring", "n": 3, "gone": null}"#.parse().unwrap();
        let passes = |text: &str, metadata| text.parse::<MetaTest>().unwrap().passes(metadata);
        for text in ["campaign=spring", "campaign!=autumn", "campaign=", "n=3", "gone!=", "other!=", "other!=x"] {
            assert!(passes(text, Some(&metadata)), "{text}");
        }
        for text in ["campaign=autumn", "campaign!=spring", "campaign!=", "n=4", "gone=", "other=", "other=x"] {
            assert!(!passes(text, Some(&metadata)), "{text}");
        }
        assert!(passes("campaign!=spring", None) && passes("campaign!=", None) && !passes("campaign=", None));
    }
}
