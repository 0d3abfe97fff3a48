//! What an argument names: items by their ids, a lead, or a phone number.

use std::fmt;
use std::str::FromStr;

use crate::model::{ItemId, LeadId};

/// One argument that names items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdArgument {
    /// Ranges of item ids, each inclusive; one id is a range of itself.
    Items(Vec<(ItemId, ItemId)>),
    /// A lead id, or a phone number as written: the queue knows which.
    Name(String),
    Lead(LeadId),
    /// A phone number as written.
    Phone(String),
    /// The names come on standard input.
    Stdin,
}

const LEAD: &str = "lead:";
const PHONE: &str = "phone:";

/// So long a reversed range may be meant as a phone number.
const SHORTEST_PHONE: usize = 7;

impl IdArgument {
    /// Whether it is the id of one item.
    pub fn is_one_id(&self) -> bool {
        matches!(self, IdArgument::Items(ranges) if matches!(ranges[..], [(first, last)] if first == last))
    }
}

impl FromStr for IdArgument {
    type Err = String;

    /// Whole numbers, ranges and lists of them are item ids; `lead:` and `phone:` force the others.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" {
            return Ok(IdArgument::Stdin);
        }
        if let Some(lead) = text.strip_prefix(LEAD) {
            return lead.parse().map(IdArgument::Lead).map_err(|error| format!("`{text}`: {error}"));
        }
        if let Some(phone) = text.strip_prefix(PHONE) {
            return Ok(IdArgument::Phone(phone.to_owned()));
        }
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        match ranges {
            Some(ranges) if ranges.iter().all(|(first, last)| first <= last) => Ok(IdArgument::Items(ranges)),
            Some(_) if text.len() >= SHORTEST_PHONE => {
                Err(format!("`{text}` is an empty range of item ids; write {PHONE}{text} for a phone number"))
            }
            Some(_) => Err(format!("`{text}` is an empty range: the smaller id comes first")),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(format!("`{text}` is not an item id: expected a number, a range such as 12-20, or -"))
            }
            None => Ok(IdArgument::Name(text.to_owned())),
        }
    }
}

/// `12`, `12-20`, or `12-` for all from 12 on.
fn range(text: &str) -> Option<(ItemId, ItemId)> {
    match text.split_once('-') {
        None => text.parse().ok().map(|id| (id, id)),
        Some((first, "")) => first.parse().ok().map(|first| (first, ItemId::LAST)),
        Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)),
    }
}

impl fmt::Display for IdArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdArgument::Items(ranges) => {
                let range = |(first, last): &(ItemId, ItemId)| match last {
                    last if first == last => first.to_string(),
                    &ItemId::LAST => format!("{first}-"),
                    last => format!("{first}-{last}"),
                };
                f.write_str(&ranges.iter().map(range).collect::<Vec<_>>().join(","))
            }
            IdArgument::Name(name) => f.write_str(name),
            IdArgument::Lead(lead) => write!(f, "{LEAD}{lead}"),
            IdArgument::Phone(phone) => write!(f, "{PHONE}{phone}"),
            IdArgument::Stdin => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ids_and_words_are_names() {
        let id = |number: i64| ItemId::from_row(number).unwrap();
        let items = |ranges: &[(i64, i64)]| {
            IdArgument::Items(ranges.iter().map(|(first, last)| (id(*first), id(*last))).collect())
        };
        for (text, expected) in [
            ("42", items(&[(42, 42)])),
            ("42-50", items(&[(42, 50)])),
            ("42,43", items(&[(42, 42), (43, 43)])),
            ("1-3,9", items(&[(1, 3), (9, 9)])),
            ("42-", items(&[(42, i64::MAX)])),
            ("-", IdArgument::Stdin),
            ("L00005", IdArgument::Name("L00005".into())),
            ("(212) 555-0101", IdArgument::Name("(212) 555-0101".into())),
            ("212-555-0101", IdArgument::Name("212-555-0101".into())),
            ("+12125550101", IdArgument::Name("+12125550101".into())),
            ("lead:17", IdArgument::Lead("17".parse().unwrap())),
            ("phone:2125550101", IdArgument::Phone("2125550101".into())),
        ] {
            assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
            assert_eq!(expected.to_string(), text);
        }
    }

    #[test]
    fn numbers_that_no_item_can_have_are_refused() {
        for text in ["0", "9223372036854775808", "20-12", "555-0101", "lead:", "lead:a\u{1}b", ""] {
            assert!(text.parse::<IdArgument>().is_err(), "{text:?}");
        }
    }
}
