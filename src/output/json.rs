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

/// Writes an element of an array, as a document that holds them all would have it; the array is ended by whoever began it.
///
/// # Errors
/// What the writer reports.
pub(super) fn element<T: Serialize + ?Sized>(value: &T, is_first: bool, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    let begin = if is_first { "[" } else { "," };
    // In JSON a line end stands between two values, never inside of a text.
    out.write_all(format!("{begin}\n  {}", text.replace('\n', "\n  ")).as_bytes())
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
