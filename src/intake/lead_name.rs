//! Lead ids as files write them: what a spreadsheet or a copied text has spoilt is refused.

use crate::model::{LeadId, is_unseen};

pub(super) fn read(text: &str) -> Result<LeadId, String> {
    check_digits(text)?;
    if let Some(mark) = invisible_mark(text) {
        let id = text.escape_debug();
        return Err(format!("lead id `{id}` holds the invisible character U+{:04X}: delete it", u32::from(mark)));
    }
    text.parse().map_err(|error: crate::model::NameError| error.to_string())
}

/// Refuses a number in E notation (`1.23457E+12`): a spreadsheet has lost its last digits.
pub(super) fn check_digits(text: &str) -> Result<(), String> {
    let is_spoilt = text.split_once(['E', 'e']).is_some_and(|(digits, power)| {
        let number = digits.strip_prefix('-').unwrap_or(digits);
        let is_number = number.bytes().any(|byte| byte.is_ascii_digit())
            && number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
        let power = power.strip_prefix('+').unwrap_or_default();
        is_number && !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit())
    });
    if is_spoilt {
        return Err(format!(
            "`{text}` is a rounded number: the spreadsheet lost its digits; format the column as text, and export it again"
        ));
    }
    Ok(())
}

/// A character that nobody sees, and that makes another id of the same letters. Control characters have a message of
/// their own; emoji and letters of other scripts need joiners and selectors.
fn invisible_mark(text: &str) -> Option<char> {
    if text.is_ascii() {
        return None;
    }
    let is_selector = |mark: char| matches!(mark, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e01ef}');
    let mut before = None;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let joins = matches!(sign, '\u{200c}' | '\u{200d}')
            && before.is_some_and(|sign: char| !sign.is_ascii())
            && signs.peek().is_some_and(|sign| !sign.is_ascii());
        if is_unseen(sign) && !sign.is_control() && !is_selector(sign) && !joins {
            return Some(sign);
        }
        before = Some(sign);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spoilt_ids_are_refused() {
        for text in ["1.23457E+12", "1E+11", "-1.5e+20", "1,23457E+12"] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(&format!("`{text}` is a rounded number")), "{error}");
        }
        for (text, mark) in [
            ("L1\u{200b}", "U+200B"),
            ("\u{202a}L1\u{202c}", "U+202A"),
            ("\u{feff}a", "U+FEFF"),
            ("a\u{200d}b", "U+200D"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(mark), "{error}");
        }
    }

    #[test]
    fn other_ids_stay() {
        for text in
            ["1E5", "E+12", "7E", "1.5", "Müller", "👩\u{200d}💻", "❤\u{fe0f}", "می\u{200c}خواهم", "+12125550101"]
        {
            assert_eq!(read(text).map(|lead| lead.to_string()), Ok(text.to_owned()));
        }
    }
}
