//! Leads as lines: each names one. What looks like something else is refused: never a lead a line of a table.

use super::delimiter::outside_quotes;
use super::field::spelling;
use super::head::first_line;
use super::record::Record;
use super::record_builder::{Fault, RecordBuilder};
use super::refusal::OpenError;
use super::rules::InputRules;
use crate::compliance::{CallingCode, number};
use crate::model::{Delimiter, LeadField, PhoneNumber, shortened};

/// So many lines are looked at to tell a table.
const LOOKED_AT: usize = 10;

/// A text of more bytes may have been cut off at its end.
const LONG: usize = 32 * 1024;

/// Fewer digits are no phone number (ITU-T E.164 has no lower limit; numbering plans do).
const FEWEST_DIGITS: usize = 7;

/// Reads the line of a lead: one that begins with `+` and a digit is a phone number, and names the lead as written.
pub(super) fn read(line: &str, rules: &InputRules) -> Result<Record, (Option<String>, Fault)> {
    let mut record_builder = RecordBuilder::default();
    let line = line.trim();
    let outcome = fill(&mut record_builder, line, rules).map(|()| None);
    record_builder.finish(outcome)
}

fn fill(record_builder: &mut RecordBuilder, line: &str, rules: &InputRules) -> Result<(), Fault> {
    if !rules.arguments && national_number(line, rules.country_code).is_some() {
        return Err(Fault::of(LeadField::Phone.as_str(), format!("`{line}` looks like a phone number: {WRITE_PLUS}")));
    }
    record_builder.set(LeadField::LeadId, line)?;
    if is_written_with_plus(line) { record_builder.set(LeadField::Phone, line) } else { Ok(()) }
}

/// What to do with digits that may be phone numbers.
const WRITE_PLUS: &str = "write +, or a CSV with the header phone; a CSV with the header lead_id takes them as ids";

/// Whether a text begins as a phone number with its `+` does, so that it is one or a mistake.
pub fn is_written_with_plus(text: &str) -> bool {
    let Some(rest) = text.trim_start_matches(['(', ' ']).strip_prefix('+') else { return false };
    // `+1+1` is a sum, and no mistake in a number.
    rest.trim_start_matches([' ', '(']).starts_with(|sign: char| sign.is_ascii_digit()) && !rest.contains('+')
}

/// Whether a text is a phone number with its `+`.
pub fn is_phone_number(text: &str) -> bool {
    text.starts_with('+') && number::read(text, None).is_ok()
}

/// The phone number that a text without `+` may be: a national one of the client.
pub fn national_number(text: &str, country_code: Option<CallingCode>) -> Option<PhoneNumber> {
    let may_be = country_code.is_some()
        && text.starts_with(|sign: char| sign.is_ascii_digit() || sign == '(')
        && text.bytes().filter(u8::is_ascii_digit).count() >= FEWEST_DIGITS;
    if may_be { number::read(text, country_code).ok() } else { None }
}

/// Refuses lines that are no list of lead ids.
pub(super) fn check(head: &str, rules: &InputRules) -> Result<(), OpenError> {
    // The last line of a long input may be cut off.
    let whole = head.rfind(['\n', '\r']).filter(|_| head.len() > LONG).and_then(|end| head.get(..end));
    let lines: Vec<&str> = lines(whole.unwrap_or(head)).collect();
    if lines.iter().any(|line| national_number(line, rules.country_code).is_some()) {
        let message = format!("these look like phone numbers: {WRITE_PLUS}");
        return Err(OpenError::refused(message, "--input csv reads a file whose first line is phone"));
    }
    let first = lines.get(..LOOKED_AT).unwrap_or(&lines);
    if let Some(line) = first.iter().find(|line| names_a_field(line)) {
        let message = format!("`{}` names a field: this is not a list of lead ids", shortened(line));
        return Err(OpenError::refused(message, "write a CSV with the header lead_id,phone, or a JSON object a line"));
    }
    if let Some(line) = first.iter().find(|line| ends_with_number(line, rules.country_code)) {
        let message = format!("`{}` ends with a phone number: this is not a list of lead ids", shortened(line));
        return Err(OpenError::refused(message, "write a CSV with the header lead_id,phone"));
    }
    if let Some(delimiter) = Delimiter::usual().find(|delimiter| is_table(first, *delimiter)) {
        let message = format!(
            "each line holds the same number of {}: this is a table, not a list of lead ids",
            plural(delimiter)
        );
        return Err(OpenError::refused(message, "--input csv reads it, by a header that names its columns"));
    }
    Ok(())
}

/// The lines that name leads.
fn lines(head: &str) -> impl Iterator<Item = &str> {
    let mut rest = head.as_bytes();
    std::iter::from_fn(move || {
        let (line, behind) = first_line(rest, false);
        rest = behind;
        std::str::from_utf8(line).ok().map(str::trim).filter(|line| !line.is_empty())
    })
    .filter(|line| !line.starts_with('#'))
}

/// Whether a line gives a field, as YAML and settings do: `- lead_id: 7`, `phone = +12125550101`.
fn names_a_field(line: &str) -> bool {
    let name = line.trim_start_matches(['-', ' ', '"', '\'']).split_once([':', '=']).map(|(name, _)| name);
    let field = name.and_then(|name| spelling(name.trim_matches([' ', '"', '\''])));
    matches!(field, Some((LeadField::LeadId | LeadField::Phone, _)))
}

/// Whether a phone number stands behind other words: `Ann (212) 555-0101`.
fn ends_with_number(line: &str, country_code: Option<CallingCode>) -> bool {
    let begins = |place: usize| line.get(..place).is_some_and(|before| before.ends_with([' ', '\t', '\u{a0}']));
    let starts = line.char_indices().filter(|(_, sign)| sign.is_ascii_digit() || matches!(sign, '+' | '('));
    let start = starts.map(|(place, _)| place).find(|place| begins(*place));
    let Some((before, rest)) = start.and_then(|start| line.split_at_checked(start)) else { return false };
    let is_word = before.chars().any(char::is_alphabetic);
    is_word && (is_phone_number(rest) || national_number(rest, country_code).is_some())
}

/// Whether lines look like the rows of a table: two or more with the same number of delimiters, or a cell that is a phone.
fn is_table(lines: &[&str], delimiter: Delimiter) -> bool {
    let Some(count) = lines.first().map(|line| outside_quotes(line, delimiter)).filter(|count| *count > 0) else {
        return false;
    };
    let is_number = |cell: &str| {
        let cell = cell.trim_matches(['"', ' ']);
        let is_digits = cell.bytes().all(|byte| byte.is_ascii_digit()) && cell.len() >= FEWEST_DIGITS;
        is_digits || is_written_with_plus(cell)
    };
    let has_number = || lines.iter().any(|line| line.split(delimiter.sign()).any(is_number));
    let is_even = lines.len() > 1 && lines.iter().all(|line| outside_quotes(line, delimiter) == count);
    is_even || has_number()
}

fn plural(delimiter: Delimiter) -> String {
    format!("{delimiter}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(code: &str) -> InputRules {
        InputRules { country_code: code.parse().ok(), ..InputRules::default() }
    }

    #[test]
    fn a_number_with_plus_names_the_lead_and_is_its_phone() {
        for (line, phone) in [
            ("+12125550101", true),
            ("+1 (212) 555-0101", true),
            ("+1+1", false),
            ("+1555", true),
            ("+1 212 555 0101 x5", true),
            ("+cmd", false),
            ("2125550101", false),
            ("anna", false),
        ] {
            let record = read(line, &rules("")).unwrap();
            assert_eq!(record.request.lead.as_str(), line);
            assert_eq!(record.request.fields.phone.is_some(), phone, "{line}");
        }
    }

    #[test]
    fn lists_of_something_else_are_refused() {
        for (head, code, message) in [
            ("Name,Number\nAnn,2125550101\n", "", "each line holds the same number of commas"),
            ("Ann;Bonn\nBen;Rome\n", "", "each line holds the same number of semicolons"),
            ("Ann\tBonn\n\nBen\tRome\n", "", "each line holds the same number of tabs"),
            ("Ann,2125550101\n", "", "each line holds the same number of commas"),
            ("2125550101\n3105550138\n+12125550102\n", "1", "these look like phone numbers"),
            ("anna\n(212) 555-0101\n", "1", "these look like phone numbers"),
            ("2125550101\n3105550138\n", "", ""),
            ("1234\n5678\n", "1", ""),
            ("- lead_id: 7\n  phone: +12125550101\n", "", "`- lead_id: 7` names a field"),
            ("phone=+12125550101\n", "", "`phone=+12125550101` names a field"),
            ("Ann Lee +1 212 555 0101\n", "", "`Ann Lee +1 212 555 0101` ends with a phone number"),
            ("Ann (212) 555-0101\n", "1", "`Ann (212) 555-0101` ends with a phone number"),
            ("Ann 2125550101\nOrder 12\nid: 3 of 7\n", "", "`id: 3 of 7` names a field"),
            ("Ann 2125550101\nOrder 12\nteam: a\n", "", ""),
            ("Smith, Ann\n", "", ""),
            ("Smith, Ann\nBen\n", "", ""),
            ("# a, b\n# c, d\n", "", ""),
            ("", "1", ""),
        ] {
            let refused = check(head, &rules(code)).map_or_else(|error| error.to_string(), |()| String::new());
            assert!(refused.starts_with(message) && refused.is_empty() == message.is_empty(), "{head:?}: {refused}");
        }
    }

    #[test]
    fn a_later_line_of_digits_is_refused_by_itself() {
        let (_, fault) = read("2125550101", &rules("1")).unwrap_err();
        assert!(fault.message.starts_with("`2125550101` looks like a phone number: write +"), "{}", fault.message);
        let arguments = InputRules { arguments: true, ..rules("1") };
        assert!(read("2125550101", &arguments).is_ok());
    }
}
