//! A lead from the text of one JSON object. Values are borrowed from the text and looked at only where a field is known.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::columns::{FoundColumns, state_code};
use super::field::{Rank, field_of};
use super::own_export::{self, ERROR};
use super::record::Record;
use super::record_builder::{Fault, Members, RecordBuilder, metadata};
use super::rules::InputRules;
use crate::model::{LeadField, Metadata};

/// Reads a lead from an object, and notes its members; with a fault comes the lead id, if that much could be read.
pub(super) fn read(
    text: &str,
    rules: &InputRules,
    members: &mut FoundColumns,
) -> Result<Record, (Option<String>, Fault)> {
    let mut record_builder = RecordBuilder::default();
    let outcome = fill(&mut record_builder, text, rules, members);
    record_builder.finish(outcome)
}

fn fill(
    record_builder: &mut RecordBuilder,
    text: &str,
    rules: &InputRules,
    found: &mut FoundColumns,
) -> Result<Option<Metadata>, Fault> {
    let Pairs(members) = parse(text)?;
    let object = Object::of(members, rules);
    object.note_into(found);
    // The lead first, so that a fault of another field can name it.
    if let Some(raw) = object.value(LeadField::LeadId) {
        set(record_builder, LeadField::LeadId, name(raw, LeadField::LeadId)?)?;
    }
    if let Some(fault) = object.named_twice() {
        return Err(fault);
    }
    for (_, raw) in &object.says_no {
        record_builder.set(LeadField::DoNotCall, &truth(raw)?)?;
    }
    for field in LeadField::ALL.iter().copied() {
        let Some(raw) = object.value(field) else { continue };
        match field {
            LeadField::LeadId | LeadField::Metadata | LeadField::DoNotCall => {}
            LeadField::Timezone => zones(record_builder, raw)?,
            LeadField::Key | LeadField::Client => set(record_builder, field, name(raw, field)?)?,
            LeadField::MaxRetries => set(record_builder, field, number(raw, field)?)?,
            LeadField::Phone
            | LeadField::Priority
            | LeadField::At
            | LeadField::Expires
            | LeadField::Consent
            | LeadField::ConsentAt
            | LeadField::ConsentUntil
            | LeadField::ConsentProof => set(record_builder, field, string(raw, field)?)?,
            LeadField::Callback => set(record_builder, field, promise(raw)?)?,
            LeadField::Region => {
                let text = string(raw, field)?
                    .map(|text| if object.is_candidate(field) { state_code(&text).into() } else { text });
                set(record_builder, field, text)?
            }
        }
    }
    if let Some(raw) = object.status {
        let word = string(raw, LeadField::DoNotCall)?.unwrap_or_default();
        record_builder.set_status(&word)?;
    }
    let base = object.value(LeadField::Metadata).filter(|raw| raw.get() != "null");
    match base {
        None if object.others.is_empty() => Ok(None),
        None => metadata(&Vec::new(), &object.others),
        Some(raw) if !raw.get().starts_with('{') => Err(wrong_type(LeadField::Metadata, "an object", raw)),
        Some(raw) if object.others.is_empty() => {
            Metadata::from_raw(raw.to_owned()).map(Some).map_err(|error| Fault::of(LeadField::Metadata.as_str(), error))
        }
        Some(raw) => metadata(&self::members(raw)?, &object.others),
    }
}

/// The text of an object with a text field put into it; nothing for another value.
pub(super) fn with_text(raw: &[u8], name: &str, value: &str) -> Option<String> {
    let text = std::str::from_utf8(raw).ok()?;
    let Pairs(members) = parse(text).ok()?;
    let value = serde_json::value::to_raw_value(value).ok()?;
    let others: Members<'_, &RawValue> = members.into_iter().filter(|(other, _)| other != name).collect();
    let mut object = String::from("{");
    for (other, raw) in others.iter().map(|(other, raw)| (other.as_ref(), *raw)).chain([(name, value.as_ref())]) {
        let comma = if object.len() > 1 { "," } else { "" };
        object.push_str(&format!("{comma}{}:{raw}", serde_json::to_string(other).ok()?));
    }
    object.push('}');
    Some(object)
}

/// A value of a field that says no, as the word of a table.
fn truth(raw: &RawValue) -> Result<Cow<'_, str>, Fault> {
    match raw.get() {
        "null" => Ok(Cow::Borrowed("")),
        text @ ("true" | "false" | "0" | "1") => Ok(Cow::Borrowed(text)),
        _ => string(raw, LeadField::DoNotCall).map(Option::unwrap_or_default),
    }
}

/// The members of an object that a parser has already accepted.
pub(super) fn members(raw: &RawValue) -> Result<Members<'_, &RawValue>, Fault> {
    let Pairs(members) = parse(raw.get())?;
    Ok(members)
}

fn set(record_builder: &mut RecordBuilder, field: LeadField, text: Option<Cow<'_, str>>) -> Result<(), Fault> {
    text.map_or(Ok(()), |text| record_builder.set(field, &text))
}

/// Zones as one string or a list of strings.
fn zones(record_builder: &mut RecordBuilder, raw: &RawValue) -> Result<(), Fault> {
    if !raw.get().starts_with('[') {
        return set(record_builder, LeadField::Timezone, string(raw, LeadField::Timezone)?);
    }
    let list: Vec<&RawValue> = parse(raw.get())?;
    for zone in list {
        let name =
            string(zone, LeadField::Timezone)?.ok_or_else(|| wrong_type(LeadField::Timezone, "a string", zone))?;
        record_builder.set(LeadField::Timezone, &name)?;
    }
    Ok(())
}

/// The time of a promised call: a string, or `at` of an object as exports of callq write it.
fn promise(raw: &RawValue) -> Result<Option<Cow<'_, str>>, Fault> {
    const EXPORTED: [&str; 3] = ["at", "until", "missed"];
    if !raw.get().starts_with('{') {
        return string(raw, LeadField::Callback);
    }
    let exported = members(raw)?;
    let at = exported.iter().find(|(name, _)| name == EXPORTED[0]);
    match at.filter(|_| exported.iter().all(|(name, _)| EXPORTED.contains(&name.as_ref()))) {
        Some((_, at)) => string(at, LeadField::Callback),
        None => Err(wrong_type(LeadField::Callback, "a string", raw)),
    }
}

/// A string; nothing for `null`.
fn string<'a>(raw: &'a RawValue, field: LeadField) -> Result<Option<Cow<'a, str>>, Fault> {
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
            .map_err(|error| Fault::of(field.as_str(), format!("not a string: {}", without_place(&error)))),
    }
}

/// A whole number as its digits; nothing for `null`.
fn number<'a>(raw: &'a RawValue, field: LeadField) -> Result<Option<Cow<'a, str>>, Fault> {
    match raw.get() {
        "null" => Ok(None),
        text if is_integer(text) => Ok(Some(Cow::Borrowed(text))),
        _ => Err(wrong_type(field, "a whole number", raw)),
    }
}

/// A string or a whole number, as exports of databases write ids.
fn name<'a>(raw: &'a RawValue, field: LeadField) -> Result<Option<Cow<'a, str>>, Fault> {
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

fn wrong_type(field: LeadField, expected: &str, raw: &RawValue) -> Fault {
    Fault::of(field.as_str(), format!("expected {expected}, found {}", kind(raw.get())))
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

/// A record's object: the values of the known fields, and the others.
#[derive(Default)]
struct Object<'a> {
    /// By the order of the fields, with how surely each name means its field.
    known: [Option<(Rank, Cow<'a, str>, &'a RawValue)>; LeadField::ALL.len()],
    /// Every value that may say no.
    says_no: Members<'a, &'a RawValue>,
    others: Members<'a, &'a RawValue>,
    /// Fields that two members name alike, with the name of the second one.
    twice: Vec<(LeadField, Rank, Cow<'a, str>)>,
    /// The status, in an export of callq.
    status: Option<&'a RawValue>,
}

impl<'a> Object<'a> {
    /// Sorts the members of an object.
    fn of(members: Members<'a, &'a RawValue>, rules: &InputRules) -> Object<'a> {
        let mut object = Object::default();
        for (name, value) in members {
            let field = field_of(&name, &rules.columns).filter(|(field, rank)| rules.reads(&name, *field, *rank));
            match field {
                Some((LeadField::DoNotCall, _)) => object.says_no.push((name, value)),
                Some((field, rank)) => object.put(field, rank, name, value),
                None if name == ERROR && value.get().starts_with('"') => {}
                None => object.others.push((name, value)),
            }
        }
        let lead = object.value(LeadField::LeadId).map(|_| "lead_id");
        if own_export::is_own(object.others.iter().map(|(name, _)| name.as_ref()).chain(lead)) {
            let status = object.others.iter().find(|(name, _)| name == own_export::STATUS);
            object.status = status.map(|(_, value)| *value);
            object.others.clear();
        }
        object
    }

    /// Puts a value where its field is, unless a surer name holds that.
    fn put(&mut self, field: LeadField, rank: Rank, name: Cow<'a, str>, value: &'a RawValue) {
        let Some(slot) = self.known.get_mut(field as usize) else { return };
        match slot {
            Some((present, ..)) if *present == rank => {
                self.twice.push((field, rank, name.clone()));
                self.others.push((name, value));
            }
            Some((present, ..)) if *present > rank => self.others.push((name, value)),
            _ => {
                if let Some((_, name, value)) = slot.replace((rank, name, value)) {
                    self.others.push((name, value));
                }
            }
        }
    }

    /// Notes which member holds which field, and which are metadata.
    fn note_into(&self, found: &mut FoundColumns) {
        for (field, slot) in LeadField::ALL.iter().zip(&self.known) {
            if let Some((_, name, _)) = slot {
                found.note_field(*field, name);
            }
        }
        self.says_no.iter().for_each(|(name, _)| found.note_field(LeadField::DoNotCall, name));
        self.others.iter().for_each(|(name, _)| found.note_metadata(name));
        found.own_export |= self.status.is_some();
    }

    /// The fault of a field whose value nobody can choose. A surer name settles it.
    fn named_twice(&self) -> Option<Fault> {
        self.twice.iter().find_map(|(field, rank, second)| {
            let (known, first, _) = self.known.get(*field as usize)?.as_ref()?;
            let message = match (known == rank, first == second) {
                (false, _) => return None,
                (true, true) => format!("the member `{first}` is there twice: keep one"),
                (true, false) => format!("two members may be the {field}: `{first}` and `{second}`: keep one"),
            };
            Some(Fault::of(field.as_str(), message))
        })
    }

    /// Whether another program's word names the field.
    fn is_candidate(&self, field: LeadField) -> bool {
        matches!(self.known.get(field as usize), Some(Some((Rank::Candidate, ..))))
    }

    fn value(&self, field: LeadField) -> Option<&'a RawValue> {
        self.known.get(field as usize).and_then(Option::as_ref).map(|(_, _, value)| *value)
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
