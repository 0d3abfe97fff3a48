//! JSON documents and JSON Lines.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::make_json_harmless;

/// Writes one JSON document, indented for people.
///
/// # Errors
/// What the writer reports.
pub(super) fn document<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    make_json_harmless(&mut text);
    text.push(b'\n');
    out.write_all(&text)
}

/// Writes an element of an array, as a document that holds them all would have it; who began the array ends it.
///
/// # Errors
/// What the writer reports.
pub(super) fn element<T: Serialize + ?Sized>(value: &T, is_first: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    make_json_harmless(&mut text);
    out.write_all(if is_first { b"[" } else { b"," })?;
    // In JSON a line end stands between two values, never inside of a text.
    for line in text.split(|byte| *byte == b'\n') {
        out.write_all(b"\n  ")?;
        out.write_all(line)?;
    }
    Ok(())
}

/// Writes one JSON value on a line of its own, in a single write, so that a reader sees whole lines.
///
/// # Errors
/// What the writer reports.
pub(super) fn line<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut text = serde_json::to_vec(value)?;
    make_json_harmless(&mut text);
    text.push(b'\n');
    out.write_all(&text)
}
