//! The JSON object that travels with an item or a result, kept byte for byte.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::value::RawValue;

/// A JSON object as text, at most [`Metadata::MOST_BYTES`], kept byte for byte as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata(String);

/// Why a text is no metadata.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not JSON, or JSON of another type.
    #[error("metadata is not a JSON object: {0}")]
    NotAnObject(String),
    /// Too large for a row.
    #[error("metadata is {0} bytes long: at most {most} are allowed", most = Metadata::MOST_BYTES)]
    TooLong(usize),
}

impl Metadata {
    /// 64 KiB.
    pub const MOST_BYTES: usize = 64 * 1024;

    /// The metadata of a value that a JSON parser has already accepted: its text is taken over, not parsed again.
    ///
    /// # Errors
    /// When it is JSON of another type, or too long.
    pub fn from_raw(raw: Box<RawValue>) -> Result<Metadata, MetadataError> {
        let text = String::from(Box::<str>::from(raw));
        if text.starts_with('{') { Metadata::checked(text) } else { Err(MetadataError::NotAnObject(text)) }
    }

    /// The JSON text of an object that is known to be one; only its size is checked.
    ///
    /// # Errors
    /// When it is too long.
    pub fn from_map(map: &serde_json::Map<String, serde_json::Value>) -> Result<Metadata, MetadataError> {
        Metadata::checked(serde_json::Value::Object(map.clone()).to_string())
    }

    /// The object with `fields` put over it, field by field; the order of the rest stays.
    ///
    /// # Errors
    /// When the result is too long.
    pub fn with_fields(&self, fields: &[(String, String)]) -> Result<Metadata, MetadataError> {
        let mut map: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.0).map_err(|error| MetadataError::NotAnObject(error.to_string()))?;
        for (name, value) in fields {
            map.insert(name.clone(), serde_json::Value::String(value.clone()));
        }
        Metadata::from_map(&map)
    }

    /// The text of a row, which was checked when it came in.
    pub fn from_stored(text: String) -> Metadata {
        Metadata(text)
    }

    /// The value of a field: a string without its quotes, other values as JSON. None where it is absent or `null`.
    pub fn field(&self, name: &str) -> Option<String> {
        let fields: BTreeMap<String, serde_json::Value> = serde_json::from_str(&self.0).ok()?;
        match fields.get(name)? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn checked(text: String) -> Result<Metadata, MetadataError> {
        if text.len() > Metadata::MOST_BYTES { Err(MetadataError::TooLong(text.len())) } else { Ok(Metadata(text)) }
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Metadata {
    type Err = MetadataError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() > Metadata::MOST_BYTES {
            return Err(MetadataError::TooLong(text.len()));
        }
        serde_json::from_str::<BTreeMap<String, &RawValue>>(text)
            .map_err(|error| MetadataError::NotAnObject(error.to_string()))?;
        Ok(Metadata(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_kept_byte_for_byte() {
        let text = r#"{"b": 1.50,  "a":{"x":[1e3,"é\u00e9"]}}"#;
        assert_eq!(text.parse::<Metadata>().unwrap().as_str(), text);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "[]", "1", "null", "{", r#"{"a":}"#, r#"{"a":1} x"#, "{'a':1}"] {
            assert!(matches!(text.parse::<Metadata>(), Err(MetadataError::NotAnObject(_))), "{text}");
        }
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(Metadata::MOST_BYTES));
        assert_eq!(long.parse::<Metadata>(), Err(MetadataError::TooLong(long.len())));
    }

    #[test]
    fn a_parsed_value_is_taken_over_when_it_is_an_object() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        assert_eq!(Metadata::from_raw(raw("{\"a\" : 1}")).unwrap().as_str(), "{\"a\" : 1}");
        assert_eq!(Metadata::from_raw(raw("[1]")), Err(MetadataError::NotAnObject("[1]".into())));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(Metadata::MOST_BYTES));
        assert_eq!(Metadata::from_raw(raw(&long)), Err(MetadataError::TooLong(long.len())));
    }

    #[test]
    fn fields_are_put_over_the_object() {
        let metadata: Metadata = r#"{"a":1,"b":"x"}"#.parse().unwrap();
        let changed = metadata.with_fields(&[("b".into(), "y".into()), ("c".into(), "z".into())]).unwrap();
        assert_eq!(changed.as_str(), r#"{"a":1,"b":"y","c":"z"}"#);
    }
}
