//! A value of the configuration, whichever layer it comes from: the file, a variable, the command line, or built in.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

/// A value and the bytes of the file in which it stands (`0..0` outside of a file).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub(super) data: Data,
    pub(super) span: Range<usize>,
}

/// What a value holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    List(Vec<Value>),
    /// What no key takes: a date, a number beyond 64 bits; as written.
    Other(String),
    /// A table where a value is expected.
    Table,
}

/// How a key's value is written where there is no TOML around it: in a variable, or as an argument of `config set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A text; quotes may be left out.
    Text,
    Number,
    /// Texts with commas between them; brackets and quotes may be left out.
    Texts,
    /// Numbers with commas between them; brackets may be left out.
    Numbers,
}

impl Value {
    /// A value that stands in no file.
    pub(super) fn elsewhere(data: Data) -> Value {
        Value { data, span: 0..0 }
    }

    /// A value of the file.
    pub(super) fn from_toml(value: &Spanned<DeValue<'_>>) -> Value {
        let data = match value.get_ref() {
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Data::Other(number.as_str().to_owned()), Data::Integer),
            DeValue::Float(number) => {
                number.as_str().parse().map_or_else(|_| Data::Other(number.as_str().to_owned()), Data::Float)
            }
            DeValue::Boolean(flag) => Data::Boolean(*flag),
            DeValue::Datetime(date) => Data::Other(date.to_string()),
            DeValue::Array(values) => Data::List(values.iter().map(Value::from_toml).collect()),
            DeValue::Table(_) => Data::Table,
        };
        Value { data, span: value.span() }
    }

    /// Reads a text without TOML around it. What does not fit the form becomes a text, which its key then refuses.
    pub(super) fn from_argument(form: Form, text: &str) -> Value {
        let trimmed = text.trim();
        let parsed = |toml: &str| DeValue::parse(toml).ok().map(|value| Value::from_toml(&value).data);
        let data = match form {
            Form::Text => parsed(trimmed).filter(|data| matches!(data, Data::Text(_))),
            Form::Number => parsed(trimmed).filter(|data| matches!(data, Data::Integer(_) | Data::Float(_))),
            Form::Texts | Form::Numbers if trimmed.starts_with('[') => parsed(trimmed),
            Form::Numbers => parsed(&format!("[{trimmed}]")),
            Form::Texts => {
                let parts = trimmed.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(Data::List(parts.map(|part| Value::elsewhere(Data::Text(part.to_owned()))).collect()))
            }
        };
        Value::elsewhere(data.unwrap_or_else(|| Data::Text(text.to_owned()))).without_places()
    }

    fn without_places(self) -> Value {
        match self.data {
            Data::List(values) => Value::elsewhere(Data::List(values.into_iter().map(Value::without_places).collect())),
            data => Value::elsewhere(data),
        }
    }

    /// The value without quotes, for scripts; a list stays TOML.
    pub(super) fn bare(&self) -> String {
        match &self.data {
            Data::Text(text) => text.clone(),
            _ => self.to_string(),
        }
    }

    /// The value as JSON: a number is a number, a list a list.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.data {
            Data::Text(text) | Data::Other(text) => text.as_str().into(),
            Data::Integer(number) => (*number).into(),
            Data::Float(number) => (*number).into(),
            Data::Boolean(flag) => (*flag).into(),
            Data::List(values) => values.iter().map(Value::to_json).collect(),
            Data::Table => serde_json::Value::Object(serde_json::Map::new()),
        }
    }

    /// The value as an edit writes it.
    pub(super) fn to_edit(&self) -> toml_edit::Value {
        match &self.data {
            Data::Text(text) | Data::Other(text) => text.as_str().into(),
            Data::Integer(number) => (*number).into(),
            Data::Float(number) => (*number).into(),
            Data::Boolean(flag) => (*flag).into(),
            Data::List(values) => {
                toml_edit::Value::Array(values.iter().map(Value::to_edit).collect::<toml_edit::Array>())
            }
            Data::Table => toml_edit::Value::InlineTable(toml_edit::InlineTable::new()),
        }
    }
}

/// Writes the value as TOML.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.data {
            Data::Other(text) => f.write_str(text),
            Data::Table => f.write_str("a table"),
            _ => fmt::Display::fmt(&self.to_edit(), f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_needs_no_toml_around_it() {
        for (form, text, toml) in [
            (Form::Text, "Europe/Berlin", "\"Europe/Berlin\""),
            (Form::Text, "\"Europe/Berlin\"", "\"Europe/Berlin\""),
            (Form::Text, "09:00", "\"09:00\""),
            (Form::Text, "1", "\"1\""),
            (Form::Number, "10", "10"),
            (Form::Number, "2.5", "2.5"),
            (Form::Number, "ten", "\"ten\""),
            (Form::Numbers, "5,15", "[5, 15]"),
            (Form::Numbers, "[5, 15]", "[5, 15]"),
            (Form::Numbers, "", "[]"),
            (Form::Numbers, "5;15", "\"5;15\""),
            (Form::Texts, "Mon, Tue", "[\"Mon\", \"Tue\"]"),
            (Form::Texts, "[\"10:00-14:00\"]", "[\"10:00-14:00\"]"),
            (Form::Texts, "[]", "[]"),
            (Form::Texts, "[broken", "\"[broken\""),
        ] {
            assert_eq!(Value::from_argument(form, text).to_string(), toml, "{form:?} {text}");
        }
    }
}
