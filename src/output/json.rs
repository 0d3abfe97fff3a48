//! JSON documents and JSON Lines.

use std::io::{self, Write};

use serde::Serialize;

/// Writes one JSON document, indented for people.
///
/// # Errors
/// What the writer reports.
pub(super) fn document<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    out.write_all(&text)
}

/// Writes one JSON value on a line of its own, in a single write, so that a reader sees whole lines.
///
/// # Errors
/// What the writer reports.
pub(super) fn line<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    out.write_all(&text)
}
