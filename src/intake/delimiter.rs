//! The delimiter of a table: found in its header outside of quotes, or in a first line `sep=;`.

use super::cells::Cells;
use super::field::field_of;
use crate::model::{ColumnChoice, Delimiter, LeadField};

/// The delimiter that a first line `sep=;` names, as Excel writes it.
pub(super) fn named_by(line: &str) -> Option<Delimiter> {
    let line = line.trim_matches(['\u{feff}', '"', '\r', '\n', ' ']);
    let (word, sign) = line.split_at_checked(4)?;
    if word.eq_ignore_ascii_case("sep=") { sign.parse().ok() } else { None }
}

/// Whether a cell of the header names a lead or a phone.
pub(super) fn names_a_lead(header: &str, delimiter: Delimiter, choices: &[ColumnChoice]) -> bool {
    let is_lead = |cell: &str| {
        let field = field_of(&clean(cell), choices).map(|(field, _)| field);
        matches!(field, Some(LeadField::LeadId | LeadField::Phone))
    };
    Cells::of(header, delimiter).flatten().any(|cell| is_lead(&cell))
}

/// The delimiter of a header: one that leaves a known column, else the one that stands there most, else a comma.
pub(super) fn of_header(header: &str, choices: &[ColumnChoice]) -> Delimiter {
    let count = |delimiter: Delimiter| outside_quotes(header, delimiter);
    let mut found: Vec<Delimiter> = Delimiter::usual().filter(|delimiter| count(*delimiter) > 0).collect();
    // The first of several with the same count is the one that is looked for first.
    found.sort_by_key(|delimiter| std::cmp::Reverse(count(*delimiter)));
    let known = found.iter().find(|delimiter| names_a_lead(header, **delimiter, choices));
    known.or(found.first()).copied().unwrap_or(Delimiter::COMMA)
}

/// How often a delimiter stands in a line outside of quotes.
pub(super) fn outside_quotes(line: &str, delimiter: Delimiter) -> usize {
    line.split('"').step_by(2).map(|part| part.matches(delimiter.sign()).count()).sum()
}

/// The name of a column without blanks and marks around it, and with plain blanks inside.
pub(super) fn clean(name: &str) -> String {
    let is_around = |sign: char| sign.is_whitespace() || matches!(sign, '\u{feff}' | '\u{200b}');
    name.trim_matches(is_around).replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_may_name_the_delimiter() {
        for (line, sign) in [("sep=;", ';'), ("SEP=,\r", ','), ("\u{feff}\"sep=|\"", '|'), ("sep=\t", '\t')] {
            assert_eq!(named_by(line).map(Delimiter::sign), Some(sign), "{line:?}");
        }
        for line in ["sep", "sep=", "sep=ab", "lead_id", "é"] {
            assert_eq!(named_by(line), None, "{line}");
        }
    }

    #[test]
    fn the_delimiter_stands_in_the_header_outside_of_quotes() {
        for (header, sign) in [
            ("lead_id,phone", ','),
            ("lead_id;phone;\"name, first\"", ';'),
            ("Lead ID;Phone;Notes, other", ';'),
            ("lead_id\tphone\tname, first, last, other", '\t'),
            ("lead_id|phone", '|'),
            ("lead_id", ','),
            ("name;number", ';'),
            ("a;b,c,d", ','),
        ] {
            assert_eq!(of_header(header, &[]).sign(), sign, "{header}");
        }
        let choices = ["phone=Nr".parse().unwrap()];
        assert_eq!(of_header("a,b,c,d;Nr", &choices).sign(), ';');
    }
}
