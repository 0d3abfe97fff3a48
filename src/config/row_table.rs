//! A table of rows: `[[rules]]`, `[[hooks]]`, `[[webhooks]]`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::SpannedFault;
use super::value::Value;

/// Takes the rows of a table apart, each with the place where it begins.
pub(super) fn rows<R>(
    name: &str,
    value: &Spanned<DeValue<'_>>,
    mistakes: &mut Vec<SpannedFault>,
    row_of: impl Fn(Range<usize>, &DeTable<'_>, &mut Vec<SpannedFault>) -> R,
) -> Vec<R> {
    let not_rows = |value: &Spanned<DeValue<'_>>| {
        let found = Value::from_toml(value);
        (value.span(), format!("`{name}` holds {found}: expected rows, each under [[{name}]]"))
    };
    let DeValue::Array(rows) = value.get_ref() else {
        mistakes.push(not_rows(value));
        return Vec::new();
    };
    let mut found = Vec::new();
    for row in rows.iter() {
        match row.get_ref() {
            DeValue::Table(table) => found.push(row_of(row.span(), table, mistakes)),
            _ => mistakes.push(not_rows(row)),
        }
    }
    found
}
