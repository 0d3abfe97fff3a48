//! Why a written number is refused, and what to write instead.

use std::fmt;

use super::plan::CallingCode;
use crate::model::shortened;

/// The message for a text that is not certainly a phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("phone number `{}` {fault}", visible(written))]
pub struct NumberError {
    /// The text as written.
    pub written: String,
    /// What is wrong with it.
    pub fault: NumberFault,
}

/// What is wrong with a written number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberFault {
    Empty,
    /// A character that is no part of a number.
    Character(char),
    /// A dash, dot or slash at an end.
    SeparatorAtEnd,
    /// Parentheses that are not in pairs, nested, or hold something else than digits.
    Parentheses,
    /// A `+` that does not stand first.
    Plus,
    /// A decimal of a spreadsheet.
    Decimal,
    /// A slash that may separate two numbers.
    Slash,
    /// What looks like two numbers.
    TwoNumbers,
    /// A `(0)` where none is understood.
    TrunkZero,
    /// The prefix for calls abroad, `00` or `011`.
    Abroad,
    /// Neither `+` nor a country code.
    NoCountryCode,
    /// A `+` with digits that no calling code begins.
    UnknownCode,
    /// Fewer than 7 or more than 15 digits.
    NotE164,
    /// Not a number that the plan of the code allows.
    NotInPlan(CallingCode, usize),
    /// So short that the area code may be missing.
    NoAreaCode(CallingCode),
    /// Behind the code stands a trunk prefix, which is not dialled from abroad, or the number begins with it.
    TrunkAbroad(CallingCode),
    /// A national number that may be one of two.
    TwoReadings(String, String),
    /// A national number that begins with its country code, so that it may have been written with it.
    CodeTwice(CallingCode),
}

impl fmt::Display for NumberFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NumberFault::Empty => write!(f, "has no digits: write it as +12125550101"),
            NumberFault::Character(mark) if mark.is_ascii_graphic() => {
                write!(f, "holds `{mark}`: write digits, with blanks, dots, dashes or parentheses between them")
            }
            NumberFault::Character(mark) => {
                write!(f, "holds the character U+{:04X}: delete it, and write the digits 0 to 9", u32::from(*mark))
            }
            NumberFault::SeparatorAtEnd => {
                write!(f, "begins or ends with a separator: delete it if no digits are missing")
            }
            NumberFault::Parentheses => {
                write!(f, "has parentheses that do not pair around digits: write it without them")
            }
            NumberFault::Plus => write!(f, "has a misplaced + or separator: write one + first, then the digits"),
            NumberFault::Decimal => {
                write!(f, "looks like a number with decimals: format the column as text, and write all digits")
            }
            NumberFault::Slash => write!(f, "may be two numbers: write one number a record, without a slash"),
            NumberFault::TwoNumbers => write!(f, "may be two numbers: write one number a record"),
            NumberFault::TrunkZero => {
                write!(
                    f,
                    "has a (0) that may belong to the number or not: write + and the number as dialled from abroad"
                )
            }
            NumberFault::Abroad => write!(f, "begins with the prefix for calls abroad: write + instead"),
            NumberFault::NoCountryCode => {
                write!(f, "has neither + nor a country code: write +12125550101, or set `country_code` for the client")
            }
            NumberFault::UnknownCode => write!(f, "has no calling code behind its +: write such as +12125550101"),
            NumberFault::NotE164 => write!(f, "has fewer than 7 or more than 15 digits: write the whole number"),
            NumberFault::NotInPlan(code, _) if code.digits() == "1" => write!(
                f,
                "cannot be a number of +1: write area code, exchange and 4 digits, 10 in all; area code and exchange \
                 begin with 2 to 9"
            ),
            NumberFault::NotInPlan(code, digits) => write!(
                f,
                "cannot be a number of +{code}: {} follow that code, without a trunk prefix; here are {digits}",
                code.lengths_in_words()
            ),
            NumberFault::NoAreaCode(code) => {
                write!(f, "may lack its area code: write the whole number, such as +{code} and all digits behind it")
            }
            NumberFault::TrunkAbroad(code) => {
                write!(f, "may have a trunk prefix behind +{code}: leave it out, as in a call from abroad")
            }
            NumberFault::TwoReadings(one, other) => write!(f, "may be {one} or {other}: write the one that is meant"),
            NumberFault::CodeTwice(code) => {
                write!(f, "may begin with the country code {code}: write it with + and the code, such as +{code}…")
            }
        }
    }
}

/// A text with its control and invisible characters spelt out.
fn visible(text: &str) -> String {
    let mut all = String::new();
    for mark in text.chars() {
        match mark {
            '\'' | '"' | '\\' => all.push(mark),
            _ => all.extend(mark.escape_debug()),
        }
    }
    shortened(&all).into()
}
