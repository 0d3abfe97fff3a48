//! A field of the provider's JSON that may have any type: one that has another than was published hides nothing else.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// The fields of objects inside of a call that are read; all others are skipped.
const READ: [&str; 6] =
    ["attempt_id", "call_successful", "in_voicemail", "combined_cost", "custom_analysis_data", "callback_at"];

/// The name under which `serde_json` gives a number that keeps all of its digits.
const NUMBER: &str = "$serde_json::private::Number";

/// A value that is kept in short.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Loose {
    #[default]
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    Object(BTreeMap<&'static str, Loose>),
    List,
}

impl Loose {
    pub(super) fn text(&self) -> Option<&str> {
        if let Loose::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn number(&self) -> Option<&Number> {
        if let Loose::Number(number) = self { Some(number) } else { None }
    }

    pub(super) fn flag(&self) -> Option<bool> {
        if let Loose::Flag(flag) = self { Some(*flag) } else { None }
    }

    /// A field of an object, if it is one of those that are read.
    pub(super) fn field(&self, name: &str) -> Option<&Loose> {
        if let Loose::Object(fields) = self { fields.get(name) } else { None }
    }

    pub(super) fn is_null(&self) -> bool {
        *self == Loose::Null
    }

    /// Changes the text, if it is one.
    pub(super) fn change_text(&mut self, change: impl Fn(&str) -> String) {
        if let Loose::Text(text) = self {
            *text = change(text);
        }
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Loose, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Loose, E> {
        Ok(Loose::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
        Ok(Number::from_f64(number).map_or(Loose::Null, Loose::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Loose, A::Error> {
        let (mut fields, mut number) = (BTreeMap::new(), None);
        while let Some(name) = object.next_key::<String>()? {
            if name == NUMBER {
                number = object.next_value::<Loose>()?.text().and_then(|text| text.parse().ok());
            } else if let Some(name) = READ.into_iter().find(|read| *read == name) {
                fields.insert(name, object.next_value()?);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(number.map_or(Loose::Object(fields), Loose::Number))
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounded::read;
    use super::*;

    #[test]
    fn each_type_is_told_and_little_is_kept() {
        let loose = |text: &str| read::<Loose>(text.as_bytes()).unwrap();
        assert_eq!(loose("null"), Loose::Null);
        assert_eq!(loose("true").flag(), Some(true));
        assert_eq!(loose(r#""a""#).text(), Some("a"));
        assert_eq!(loose("[1, [2], {\"a\": 3}]"), Loose::List);
        for number in ["5", "-5", "12.50", "18446744073709551616", "1e+40"] {
            assert_eq!(loose(number).number().map(Number::to_string).as_deref(), Some(number));
        }
        let object = loose(r#"{"summary": {"in_voicemail": false}, "in_voicemail": true, "list": [1]}"#);
        assert_eq!(object, Loose::Object([("in_voicemail", Loose::Flag(true))].into()));
        let odd = loose(r#"{"$serde_json::private::Number": "no number", "attempt_id": "a"}"#);
        assert_eq!(odd.field("attempt_id").and_then(Loose::text), Some("a"));
    }
}
