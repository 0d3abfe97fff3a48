//! Writes results one by one, in every format, in memory that does not grow with their number.

use std::io::{self, Write};

use super::json;
use super::render::{View, render_turn};
use super::time::RenderContext;
use crate::model::Format;

/// Writes results to a stream as they come. Nothing is complete before [`ViewWriter::finish`].
pub struct ViewWriter<'a> {
    format: Format,
    look: RenderContext<'a>,
    out: &'a mut dyn Write,
    written: u64,
}

impl<'a> ViewWriter<'a> {
    pub fn new(format: Format, look: RenderContext<'a>, out: &'a mut dyn Write) -> ViewWriter<'a> {
        ViewWriter { format, look, out, written: 0 }
    }

    /// Writes one result.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn write<V: View>(&mut self, view: &V) -> io::Result<()> {
        let is_first = self.written == 0;
        self.written += 1;
        match self.format {
            Format::Json => json::element(view, is_first, self.out),
            other => render_turn(view, other, is_first, &self.look, self.out),
        }
    }

    /// Ends the document. No result at all gives `[]` in JSON, and nothing elsewhere.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn finish(self) -> io::Result<()> {
        match (self.format, self.written) {
            (Format::Json, 0) => writeln!(self.out, "[]"),
            (Format::Json, _) => writeln!(self.out, "\n]"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{List, PathView};
    use crate::output::{render, sample};

    #[test]
    fn none_at_all_is_an_empty_array() {
        let mut out = Vec::new();
        ViewWriter::new(Format::Json, sample::look(), &mut out).finish().unwrap();
        assert_eq!(out, b"[]\n");
    }

    #[test]
    fn one_by_one_is_the_same_as_all_at_once() {
        let path = |name: &str| PathView { path: name.into(), exists: true };
        for rows in [vec![path("a")], vec![path("a"), path("b\n\"c\""), path("d")]] {
            for format in [Format::Json, Format::Jsonl, Format::Csv] {
                let (mut streamed, mut whole) = (Vec::new(), Vec::new());
                let mut writer = ViewWriter::new(format, sample::look(), &mut streamed);
                rows.iter().try_for_each(|row| writer.write(row)).unwrap();
                writer.finish().unwrap();
                render(&List { rows: rows.clone() }, format, &sample::look(), &mut whole).unwrap();
                assert_eq!(String::from_utf8(streamed).unwrap(), String::from_utf8(whole).unwrap(), "{format}");
            }
        }
    }
}
