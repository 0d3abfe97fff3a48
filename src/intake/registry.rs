//! Reads the file of a registry: a number a line.

use std::io::{self, BufRead};

use super::source::{LineRead, Source};
use crate::compliance::{CallingCode, NumberError, number};

/// The digits of a number of +1 behind its code.
const NATIONAL_DIGITS: usize = 10;

/// The numbers of a registry's file, read as they come.
pub struct RegistryNumbers {
    source: Source,
    line: Vec<u8>,
    /// Ten digits are a number of +1.
    has_area_codes: bool,
    country_code: Option<CallingCode>,
    has_numbers: bool,
}

/// Why the file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum RegistryFileError {
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line that is no number.
    #[error("line {line}: {reason}")]
    Line { line: u64, reason: String },
}

impl RegistryNumbers {
    /// The numbers of an input. `has_area_codes` says that the copy covers area codes of +1, so that ten digits are such a
    /// number; others without + are national ones of `country_code`.
    pub fn new(input: Box<dyn BufRead>, has_area_codes: bool, country_code: Option<CallingCode>) -> RegistryNumbers {
        RegistryNumbers {
            source: Source::new(input),
            line: Vec::new(),
            has_area_codes,
            country_code,
            has_numbers: false,
        }
    }

    /// At most this many numbers, sorted, each once; fewer or none at the end.
    ///
    /// # Errors
    /// When the input cannot be read, or a line is no number.
    pub fn next_chunk(&mut self, most: usize) -> Result<Vec<i64>, RegistryFileError> {
        let mut numbers = Vec::new();
        while numbers.len() < most {
            self.line.clear();
            let is_whole = match self.source.read_line(&mut self.line)? {
                LineRead::End => break,
                LineRead::Line => true,
                LineRead::TooLong => false,
            };
            let text = self.line.trim_ascii();
            if text.is_empty() || text.starts_with(b"#") {
                continue;
            }
            match self.number(text).filter(|_| is_whole) {
                Some(number) => numbers.push(number),
                None => match self.read(is_whole)? {
                    Some(number) => numbers.push(number),
                    None => continue,
                },
            }
            self.has_numbers = true;
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// A number as registries write them: ten digits of +1, also with a comma behind the area code, or E.164 of +1.
    fn number(&self, text: &[u8]) -> Option<i64> {
        let digits = |text: &[u8]| {
            text.iter()
                .try_fold(0_i64, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
        };
        let national = match text {
            [b'+', b'1', rest @ ..] if rest.len() == NATIONAL_DIGITS => digits(rest),
            _ if !self.has_area_codes => None,
            _ if text.len() == NATIONAL_DIGITS => digits(text),
            [area @ .., b',', _, _, _, _, _, _, _] if area.len() == 3 => {
                let rest = text.get(4..).and_then(digits)?;
                digits(area).map(|area| area * 10_000_000 + rest)
            }
            _ => None,
        }?;
        // Area code and exchange begin with 2 to 9.
        let is_number = national >= 2_000_000_000 && national / 1_000_000 % 10 >= 2;
        is_number.then_some(10_000_000_000 + national)
    }

    /// Any other line by the plans of all countries; none for a header.
    fn read(&self, is_whole: bool) -> Result<Option<i64>, RegistryFileError> {
        let fault = |reason: String| RegistryFileError::Line { line: self.source.line(), reason };
        if !is_whole {
            return Err(fault("it is longer than 1 MiB".to_owned()));
        }
        let text = std::str::from_utf8(self.line.trim_ascii()).map_err(|_| fault("it is not text".to_owned()))?;
        if !self.has_numbers && !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let number = number::read(text, self.country_code).map_err(|error: NumberError| fault(error.to_string()))?;
        Ok(number.as_str().trim_start_matches('+').parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(text: &str, has_area_codes: bool) -> Result<Vec<i64>, String> {
        let input = Box::new(Cursor::new(text.as_bytes().to_vec()));
        RegistryNumbers::new(input, has_area_codes, None).next_chunk(100).map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_stands_on_a_line_in_each_form_of_registries() {
        let text = "phone\n\u{20}2125550117\r\n212,5550118\n+12125550117\n\n# so far\n(646) 555-0119\n+442079460018\n";
        let numbers = vec![12_125_550_117, 12_125_550_118, 442_079_460_018];
        assert_eq!(read(&text.replace("(646) 555-0119\n", ""), true), Ok(numbers));
        assert_eq!(read("+1 212 555 0117\n", false), Ok(vec![12_125_550_117]));
    }

    #[test]
    fn a_line_that_is_no_number_is_refused_with_its_place() {
        for (text, has_area_codes, message) in [
            ("2125550117\n", false, "line 1: phone number `2125550117` has neither + nor a country code"),
            ("2125550117\n1125550117\n", true, "line 2: phone number `1125550117`"),
            ("2125550117\nphone\n", true, "line 2: phone number `phone`"),
        ] {
            let error = read(text, has_area_codes).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
