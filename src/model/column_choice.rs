//! How a person says which column is which: `--column phone=Mobile`, `--delimiter ';'`.

use std::fmt;
use std::str::FromStr;

use super::LeadField;

/// A field and the column that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    pub field: LeadField,
    /// The header of its column; none says that no column holds the field.
    pub header: Option<String>,
}

impl FromStr for ColumnChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (field, header) =
            text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form FIELD=HEADER"))?;
        let field = field.trim().parse().map_err(|error: super::UnknownWord| error.to_string())?;
        let header = header.trim();
        Ok(ColumnChoice { field, header: (!header.is_empty()).then(|| header.to_owned()) })
    }
}

/// The sign between the cells of a table: one byte of ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiter(u8);

/// The delimiters that have a name and are looked for in a header.
const NAMED: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "pipe")];

impl Delimiter {
    /// What RFC 4180 has.
    pub const COMMA: Delimiter = Delimiter(b',');

    /// The delimiters that are looked for in a header.
    pub fn usual() -> impl Iterator<Item = Delimiter> {
        NAMED.into_iter().map(|(byte, _)| Delimiter(byte))
    }

    /// The sign as a byte.
    pub fn byte(self) -> u8 {
        self.0
    }

    /// The sign as a character.
    pub fn sign(self) -> char {
        char::from(self.0)
    }
}

impl FromStr for Delimiter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named =
            NAMED.into_iter().find(|(_, name)| text.eq_ignore_ascii_case(name) || (text == "\\t" && *name == "tab"));
        let sign = match (named, text.as_bytes()) {
            (Some((byte, _)), _) => Some(byte),
            (None, [byte]) if byte.is_ascii_punctuation() && !b"\"'".contains(byte) => Some(*byte),
            (None, [b'\t']) => Some(b'\t'),
            _ => None,
        };
        sign.map(Delimiter).ok_or_else(|| {
            format!("`{text}` is not a delimiter: expected comma, semicolon, tab, pipe or one sign such as `;`")
        })
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMED.into_iter().find(|(byte, _)| *byte == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "`{}`", self.sign()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_chosen_by_its_field_and_header() {
        let choice: ColumnChoice = "phone=Mobile = private".parse().unwrap();
        assert_eq!((choice.field, choice.header.as_deref()), (LeadField::Phone, Some("Mobile = private")));
        let none: ColumnChoice = "consent=".parse().unwrap();
        assert_eq!((none.field, none.header), (LeadField::Consent, None));
        for text in ["phone", "fon=Mobile", "=Mobile"] {
            assert!(text.parse::<ColumnChoice>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_delimiter_is_a_name_or_a_sign() {
        for (text, sign, name) in [
            ("comma", ',', "comma"),
            (";", ';', "semicolon"),
            ("Tab", '\t', "tab"),
            ("\\t", '\t', "tab"),
            ("^", '^', "`^`"),
        ] {
            let delimiter: Delimiter = text.parse().unwrap();
            assert_eq!((delimiter.sign(), delimiter.to_string().as_str()), (sign, name));
        }
        for text in ["", ";;", "\"", "a", " ", "é"] {
            assert!(text.parse::<Delimiter>().is_err(), "{text}");
        }
    }
}
