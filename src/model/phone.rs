//! Phone numbers in E.164.

use std::fmt;
use std::str::FromStr;

/// A phone number in E.164: `+` and 7 to 15 digits, the first not 0 (ITU-T E.164, section 6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Why a text is no phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// No `+`, and no country code to put in front.
    #[error("phone number `{0}` has no `+`: write it in E.164 (+15551234567) or set `country_code` for the client")]
    NoCountryCode(String),
    /// A national number with a trunk zero, which some countries keep and some drop after the country code.
    #[error(
        "phone number `{0}` begins with 0: write it in E.164 (+4930901820), since countries differ in keeping the 0"
    )]
    TrunkZero(String),
    /// A number of country code 1 that has the 1 already: no area code begins with it.
    #[error("phone number `{0}` begins with the country code 1 already: write it with its + (+15551234567)")]
    CountryCodeTwice(String),
    /// Letters, or too few or too many digits.
    #[error("`{0}` is not a phone number: expected E.164, such as +15551234567 (7 to 15 digits)")]
    Invalid(String),
}

impl PhoneNumber {
    /// Reads a number as people write it: spaces, dots, dashes and parentheses are dropped, and a number without `+`
    /// gets `country_code` (digits only) in front.
    ///
    /// # Errors
    /// Names the text and what is missing.
    pub fn parse(text: &str, country_code: Option<&str>) -> Result<PhoneNumber, PhoneError> {
        // As most are given, and all are stored.
        if is_international(text) {
            return Ok(PhoneNumber(text.to_owned()));
        }
        let invalid = || PhoneError::Invalid(text.to_owned());
        let compact: String = text
            .trim()
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '.' | '-' | '(' | ')' | '\u{2010}'..='\u{2015}'))
            .collect();
        let number = match country_code {
            _ if compact.starts_with('+') => compact,
            _ if !is_digits(&compact) => return Err(invalid()),
            None => return Err(PhoneError::NoCountryCode(text.to_owned())),
            Some(_) if compact.starts_with('0') => return Err(PhoneError::TrunkZero(text.to_owned())),
            // National numbers have ten digits there, and none begins with 1.
            Some("1") if compact.starts_with('1') && compact.len() == 11 => {
                return Err(PhoneError::CountryCodeTwice(text.to_owned()));
            }
            Some("1") if compact.starts_with('1') => return Err(invalid()),
            Some(code) => format!("+{code}{compact}"),
        };
        if is_international(&number) { Ok(PhoneNumber(number)) } else { Err(invalid()) }
    }

    /// The number with its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is a number in E.164, `+` included.
fn is_international(text: &str) -> bool {
    let is_number = |digits: &str| is_digits(digits) && (7..=15).contains(&digits.len()) && !digits.starts_with('0');
    text.strip_prefix('+').is_some_and(is_number)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        PhoneNumber::parse(text, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_is_dropped_and_the_country_code_put_in_front() {
        let cases = [
            ("+1 (555) 123-4567", None, "+15551234567"),
            ("+44.20.7946.0018", None, "+442079460018"),
            ("555 123 4567", Some("1"), "+15551234567"),
            ("+15551234567", Some("49"), "+15551234567"),
        ];
        for (text, code, expected) in cases {
            assert_eq!(
                PhoneNumber::parse(text, code).map(|phone| phone.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_number_without_plus_or_with_other_signs_is_refused() {
        assert_eq!(PhoneNumber::parse("5551234567", None), Err(PhoneError::NoCountryCode("5551234567".into())));
        assert_eq!(PhoneNumber::parse("030 901820", Some("49")), Err(PhoneError::TrunkZero("030 901820".into())));
        for text in ["1 555 123 4567", "15551234567"] {
            assert_eq!(PhoneNumber::parse(text, Some("1")), Err(PhoneError::CountryCodeTwice(text.into())));
        }
        assert_eq!(PhoneNumber::parse("155 512 3456", Some("1")), Err(PhoneError::Invalid("155 512 3456".into())));
        for text in ["", "+", "+0123456789", "+123456", "+1234567890123456", "+1555CALLNOW", "call me", "++15551234567"]
        {
            assert_eq!(PhoneNumber::parse(text, None), Err(PhoneError::Invalid(text.into())), "{text}");
        }
    }
}
