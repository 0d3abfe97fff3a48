//! Phone numbers in E.164.

use std::fmt;
use std::str::FromStr;

/// A phone number in E.164: `+` and 7 to 15 digits, the first not 0 (ITU-T E.164, section 6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// The message for a text that is no number in E.164.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a phone number in E.164, such as +12125550101")]
pub struct InvalidPhone(pub String);

impl PhoneNumber {
    /// The number with its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its digits as a number: 15 of them fit a word.
    pub fn digits(&self) -> u64 {
        self.0.bytes().filter(u8::is_ascii_digit).fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
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
    type Err = InvalidPhone;

    /// Takes a number that is in E.164 already, as the queue stores it. What people write is for the compliance layer to
    /// read.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_international(text) { Ok(PhoneNumber(text.to_owned())) } else { Err(InvalidPhone(text.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_is_taken() {
        assert_eq!("+12125550101".parse().map(|phone: PhoneNumber| phone.to_string()), Ok("+12125550101".to_owned()));
        for text in
            ["", "+", "+0123456789", "+123456", "+1234567890123456", "12125550101", "+1 212 555 0101", "++12125550101"]
        {
            assert_eq!(text.parse::<PhoneNumber>(), Err(InvalidPhone(text.into())));
        }
    }
}
