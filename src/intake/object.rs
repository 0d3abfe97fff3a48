//! A lead from the text of one JSON object. Values are borrowed from the text and looked at only where a field is known.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::field::Field;
use super::record_builder::{Fault, Members, RecordBuilder, metadata};
use crate::model::{LeadRequest, Metadata};

/// Reads a lead from an object; with a fault comes the lead id, if that much could be read.
pub(super) fn read(text: &str) -> Result<LeadRequest, (Option<String>, Fault)> {
    let mut record_builder = RecordBuilder::default();
    let outcome = fill(&mut record_builder, text);
    record_builder.finish(outcome)
}

fn fill(record_builder: &mut RecordBuilder, text: &str) -> Result<Option<Metadata>, Fault> {
    let object: Object<'_> = parse(text)?;
    // The lead first, so that a fault of another field can name it.
    if let Some(raw) = object.value(Field::Lead) {
        set(record_builder, Field::Lead, name(raw, Field::Lead)?)?;
    }
    if let Some(field) = object.twice {
        return Err(Fault::of(field.name(), "the field stands there twice, maybe in two spellings"));
    }
    for field in Field::ALL {
        let Some(raw) = object.value(field) else { continue };
        match field {
            Field::Lead | Field::Metadata => {}
            Field::Zones => zones(record_builder, raw)?,
            Field::Key => set(record_builder, field, name(raw, field)?)?,
            Field::MaxRetries => set(record_builder, field, number(raw, field)?)?,
            Field::Phone | Field::Region | Field::Priority | Field::At | Field::Expires => {
                set(record_builder, field, string(raw, field)?)?
            }
        }
    }
    let base = object.value(Field::Metadata).filter(|raw| raw.get() != "null");
    match base {
        None if object.others.is_empty() => Ok(None),
        None => metadata(&Vec::new(), &object.others),
        Some(raw) if !raw.get().starts_with('{') => Err(wrong_type(Field::Metadata, "an object", raw)),
        Some(raw) if object.others.is_empty() => {
            Metadata::from_raw(raw.to_owned()).map(Some).map_err(|error| Fault::of(Field::Metadata.name(), error))
        }
        Some(raw) => metadata(&members(raw)?, &object.others),
    }
}

/// The members of an object that a parser has already accepted.
pub(super) fn members(raw: &RawValue) -> Result<Members<'_, &RawValue>, Fault> {
    let Pairs(members) = parse(raw.get())?;
    Ok(members)
}

fn set(record_builder: &mut RecordBuilder, field: Field, text: Option<Cow<'_, str>>) -> Result<(), Fault> {
    text.map_or(Ok(()), |text| record_builder.set(field, &text))
}

/// Zones as one string or a list of strings.
fn zones(record_builder: &mut RecordBuilder, raw: &RawValue) -> Result<(), Fault> {
    if !raw.get().starts_with('[') {
        return set(record_builder, Field::Zones, string(raw, Field::Zones)?);
    }
    let list: Vec<&RawValue> = parse(raw.get())?;
    for zone in list {
        let name = string(zone, Field::Zones)?.ok_or_else(|| wrong_type(Field::Zones, "a string", zone))?;
        record_builder.set(Field::Zones, &name)?;
    }
    Ok(())
}

/// A string; nothing for `null`.
fn string<'a>(raw: &'a RawValue, field: Field) -> Result<Option<Cow<'a, str>>, Fault> {
    let text = raw.get();
    if text == "null" {
        return Ok(None);
    }
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        None => Err(wrong_type(field, "a string", raw)),
        Some(plain) if !plain.contains('\\') => Ok(Some(Cow::Borrowed(plain))),
        Some(_) => serde_json::from_str(text)
            .map(|text| Some(Cow::Owned(text)))
            .map_err(|error| Fault::of(field.name(), format!("not a string: {}", without_place(&error)))),
    }
}

/// A whole number as its digits; nothing for `null`.
fn number<'a>(raw: &'a RawValue, field: Field) -> Result<Option<Cow<'a, str>>, Fault> {
    match raw.get() {
        "null" => Ok(None),
        text if is_integer(text) => Ok(Some(Cow::Borrowed(text))),
        _ => Err(wrong_type(field, "a whole number", raw)),
    }
}

/// A string or a whole number, as exports of databases write ids.
fn name<'a>(raw: &'a RawValue, field: Field) -> Result<Option<Cow<'a, str>>, Fault> {
    if is_integer(raw.get()) {
        return Ok(Some(Cow::Borrowed(raw.get())));
    }
    string(raw, field).map_err(|fault| {
        if fault.message.starts_with("expected") { wrong_type(field, "a string or a whole number", raw) } else { fault }
    })
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn wrong_type(field: Field, expected: &str, raw: &RawValue) -> Fault {
    Fault::of(field.name(), format!("expected {expected}, found {}", kind(raw.get())))
}

/// What a JSON text holds, by its first character.
fn kind(text: &str) -> &'static str {
    match text.bytes().next() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ if is_integer(text) => "a whole number",
        _ => "a number",
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            return Fault::record(format!("expected an object, found {}", kind(text.trim_start())));
        }
        Fault::syntax(format!("not JSON: {} at column {}", without_place(&error), error.column()))
    })
}

/// The message without its line and column, which count from the record and would mislead.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// A record's object: the values of the known fields by their order, and the others.
#[derive(Default)]
struct Object<'a> {
    known: [Option<&'a RawValue>; Field::ALL.len()],
    others: Members<'a, &'a RawValue>,
    twice: Option<Field>,
}

impl<'a> Object<'a> {
    fn value(&self, field: Field) -> Option<&'a RawValue> {
        self.known.get(field as usize).copied().flatten()
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = Object::default();
        deserializer.deserialize_map(EachMember(|name: Cow<'de, str>, value: &'de RawValue| {
            let slot = Field::of(&name).and_then(|field| Some((field, object.known.get_mut(field as usize)?)));
            match slot {
                None => object.others.push((name, value)),
                Some((field, slot)) => {
                    if slot.replace(value).is_some() {
                        object.twice = Some(field);
                    }
                }
            }
        }))?;
        Ok(object)
    }
}

/// The members of any object.
struct Pairs<'a>(Members<'a, &'a RawValue>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut pairs = Vec::new();
        deserializer.deserialize_map(EachMember(|name, value| pairs.push((name, value))))?;
        Ok(Pairs(pairs))
    }
}

/// Hands every member of an object to a function.
struct EachMember<F>(F);

impl<'de, F: FnMut(Cow<'de, str>, &'de RawValue)> Visitor<'de> for EachMember<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            (self.0)(name, map.next_value()?);
        }
        Ok(())
    }
}

/// The name of a member, borrowed when it has no escapes (serde's own `Cow` would copy it).
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsName;
        impl<'de> Visitor<'de> for AsName {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(AsName)
    }
}
