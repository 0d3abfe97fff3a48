//! Numbering plans: which calling codes there are, and which numbers each allows.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::{data, table};
use crate::model::PhoneNumber;
use crate::scheduler::Policy;

/// A calling code of ITU-T E.164, such as 44, with the plan of its numbers. Every code has one row in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallingCode {
    code: &'static str,
    /// What is dialled before a number inside the country; one of these, or nothing.
    trunk: &'static str,
    /// What a leading 0 means.
    zero: Zero,
    /// The numbers of digits behind the code, separated by blanks.
    lengths: &'static str,
    /// The fewest digits of a number written without its trunk prefix; a shorter one may lack its area code.
    bare: usize,
    /// `d` is a digit and `[2-9]` a choice; it replaces the lengths. Empty where the lengths decide.
    pattern: &'static str,
}

/// What a leading 0 of a national number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// A trunk prefix that is not dialled from abroad.
    Drops,
    /// A digit of the number itself.
    Stays,
    /// No number begins with it.
    Never,
}

/// The message for a text that is no calling code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a calling code: write its digits, such as 1 or 44{}", text.escape_debug(), meant(text))]
pub struct UnknownCallingCode {
    /// The code as given.
    pub text: String,
}

/// People write the code with its `+`, or the prefix for calls abroad.
fn meant(text: &str) -> String {
    let digits = text.trim().trim_start_matches(['+', '0']);
    match digits.parse::<CallingCode>() {
        Ok(code) if digits != text => format!("; did you mean `{code}`?"),
        _ => String::new(),
    }
}

/// The codes by the first three digits of a number; the longest code has as many. An import asks for each of its numbers.
static BY_THREE_DIGITS: LazyLock<Vec<Option<CallingCode>>> = LazyLock::new(|| {
    let mut codes = vec![None; 1000];
    for code in CallingCode::all() {
        let numbers = 10_usize.pow(3_u32.saturating_sub(code.code.len() as u32));
        let first = code.code.parse().unwrap_or(0) * numbers;
        codes.iter_mut().skip(first).take(numbers).for_each(|entry| *entry = Some(code));
    }
    codes
});

impl CallingCode {
    /// The code that begins these digits of an international number; no code begins another.
    pub(super) fn beginning(digits: &str) -> Option<CallingCode> {
        match digits.get(..3).and_then(|first| first.parse::<usize>().ok()) {
            Some(first) => *BY_THREE_DIGITS.get(first)?,
            None => table::longest_prefix(data::PLANS, digits).map(CallingCode::of_row),
        }
    }

    pub fn of(number: &PhoneNumber) -> Option<CallingCode> {
        CallingCode::beginning(number.as_str().trim_start_matches('+'))
    }

    /// The code by which national numbers of a client are read.
    pub fn of_client(policy: &Policy) -> Option<CallingCode> {
        policy.country_code.as_ref()?.parse().ok()
    }

    /// Every code.
    pub fn all() -> impl Iterator<Item = CallingCode> {
        table::rows(data::PLANS).map(CallingCode::of_row)
    }

    fn of_row(row: &'static str) -> CallingCode {
        let [code, _, trunk, zero, lengths, bare, pattern] = table::cells(row);
        let zero = match zero {
            "drops" => Zero::Drops,
            "stays" => Zero::Stays,
            _ => Zero::Never,
        };
        CallingCode { code, trunk, zero, lengths, bare: bare.parse().unwrap_or(usize::MAX), pattern }
    }

    pub fn digits(self) -> &'static str {
        self.code
    }

    pub(super) fn zero(self) -> Zero {
        self.zero
    }

    pub(super) fn trunks(self) -> impl Iterator<Item = &'static str> {
        self.trunk.split_ascii_whitespace()
    }

    /// Whether this number of digits can be a whole number without a trunk prefix.
    pub(super) fn is_bare(self, digits: &str) -> bool {
        digits.len() >= self.bare
    }

    /// Whether digits begin with a 0 that belongs to the number.
    pub(super) fn keeps_zero(self, digits: &str) -> bool {
        self.zero == Zero::Stays && digits.starts_with('0')
    }

    /// Whether the plan allows these digits behind the code.
    pub(super) fn allows(self, digits: &str) -> bool {
        if digits.starts_with('0') && self.zero != Zero::Stays {
            return false;
        }
        if self.pattern.is_empty() {
            self.lengths.split_ascii_whitespace().any(|length| length.parse() == Ok(digits.len()))
        } else {
            matches(self.pattern, digits)
        }
    }

    /// The lengths that the plan allows, as people read them: `8, 9 or 10 digits`.
    pub(super) fn lengths_in_words(self) -> String {
        let lengths: Vec<&str> = self.lengths.split_ascii_whitespace().collect();
        match lengths.as_slice() {
            [] => String::new(),
            [one] => format!("{one} digits"),
            [all @ .., last] => format!("{} or {last} digits", all.join(", ")),
        }
    }
}

/// Whether digits fit a pattern, such as `[2-9]dd`.
fn matches(pattern: &str, digits: &str) -> bool {
    let mut pattern = pattern.bytes();
    let all = digits.bytes().all(|digit| match pattern.next() {
        Some(b'd') => digit.is_ascii_digit(),
        Some(b'[') => {
            let (low, _, high, _) = (pattern.next(), pattern.next(), pattern.next(), pattern.next());
            low.is_some_and(|low| low <= digit) && high.is_some_and(|high| digit <= high)
        }
        Some(other) => digit == other,
        None => false,
    });
    all && pattern.next().is_none()
}

impl FromStr for CallingCode {
    type Err = UnknownCallingCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let row = table::row(data::PLANS, text).ok_or_else(|| UnknownCallingCode { text: text.to_owned() })?;
        Ok(CallingCode::of_row(row))
    }
}

impl fmt::Display for CallingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(digits: &str) -> CallingCode {
        digits.parse().unwrap()
    }

    #[test]
    fn every_row_is_a_plan_and_no_code_begins_another() {
        let codes: Vec<&str> = table::rows(data::PLANS).map(|row| table::cells::<7>(row)[0]).collect();
        assert!(codes.windows(2).all(|pair| !pair[1].starts_with(pair[0])));
        for row in table::rows(data::PLANS) {
            let [digits, _, trunk, zero, lengths, bare, pattern] = table::cells(row);
            let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            assert!(is_number(digits) && is_number(bare), "{row}");
            assert!(trunk.split(' ').all(|prefix| prefix.is_empty() || is_number(prefix)), "{row}");
            assert!(["drops", "stays", ""].contains(&zero), "{row}");
            assert!(lengths.split(' ').all(|length| length.parse::<usize>().is_ok_and(|n| n + digits.len() <= 15)));
            assert!(pattern.is_empty() || code(digits).allows(&"2".repeat(10)), "{row}");
            assert_eq!(CallingCode::beginning(&format!("{digits}5")), Some(code(digits)));
        }
    }

    #[test]
    fn a_plan_allows_its_lengths_or_its_pattern() {
        for (digits, number, allowed) in [
            ("1", "2125550101", true),
            ("1", "1125550101", false),
            ("1", "2120550101", false),
            ("1", "2121550101", false),
            ("1", "212555010", false),
            ("1", "21255501011", false),
            ("44", "2079460018", true),
            ("44", "02079460018", false),
            ("44", "20794600", false),
            ("39", "0612345678", true),
            ("354", "0551234", false),
        ] {
            assert_eq!(code(digits).allows(number), allowed, "+{digits} {number}");
        }
    }

    #[test]
    fn an_unknown_code_names_the_way_out() {
        for (text, message) in [
            ("+44", "`+44` is not a calling code: write its digits, such as 1 or 44; did you mean `44`?"),
            ("999", "`999` is not a calling code: write its digits, such as 1 or 44"),
            ("", "`` is not a calling code: write its digits, such as 1 or 44"),
            ("4", "`4` is not a calling code: write its digits, such as 1 or 44"),
        ] {
            assert_eq!(text.parse::<CallingCode>().unwrap_err().to_string(), message);
        }
    }
}
