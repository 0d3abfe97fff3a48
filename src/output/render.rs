//! The four formats, and what every result can do in them.

use std::io::{self, Write};

use super::screen::draw_over;
use super::time::RenderContext;
use super::wrap::wrapped;
use super::{csv, json};
use crate::contract::List;
use crate::model::Format;

/// A result that can be shown in every [`Format`].
pub trait View: serde::Serialize + Sized {
    /// Writes it for people.
    ///
    /// # Errors
    /// What the writer reports.
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// Writes several for people.
    ///
    /// # Errors
    /// What the writer reports.
    fn table_of(views: &[Self], look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        views.iter().try_for_each(|view| view.table(look, out))
    }

    /// The columns of its CSV.
    fn header() -> Vec<&'static str>;

    fn rows(&self) -> Vec<Vec<String>>;

    /// Writes it for people where one comes after the other: an empty line stands between two.
    ///
    /// # Errors
    /// What the writer reports.
    fn turn(&self, is_first: bool, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        if !is_first {
            writeln!(out)?;
        }
        self.table(look, out)
    }

    /// Writes it over the one before, on a terminal of `rows` rows.
    ///
    /// # Errors
    /// What the writer reports.
    fn table_over(&self, rows: usize, is_first: bool, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Vec::new();
        self.table(look, &mut page)?;
        draw_over(&wrapped(&String::from_utf8_lossy(&page), look.style), rows, is_first, out)
    }

    /// Writes its figures as metrics. What has none is refused before the command begins.
    ///
    /// # Errors
    /// What the writer reports.
    fn metrics(&self, _out: &mut dyn Write) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Writes it as JSON, an object a line: one line, unless it is a list.
    ///
    /// # Errors
    /// What the writer reports.
    fn lines(&self, out: &mut dyn Write) -> io::Result<()> {
        json::line(self, out)
    }
}

/// Writes a result that comes again and again: JSON an object a line, CSV with the header before the first only.
///
/// # Errors
/// What the writer reports.
pub fn render_turn<V: View>(
    view: &V,
    format: Format,
    is_first: bool,
    look: &RenderContext<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table => view.turn(is_first, look, out),
        Format::Json | Format::Jsonl => view.lines(out),
        Format::Csv if is_first => csv::write_records(&V::header(), &view.rows(), out),
        Format::Csv => csv::write_rows(&view.rows(), out),
        Format::Openmetrics => view.metrics(out),
    }
}

impl<T: View> View for List<T> {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        T::table_of(&self.rows, look, out)
    }

    fn header() -> Vec<&'static str> {
        T::header()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.rows.iter().flat_map(View::rows).collect()
    }

    fn lines(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows.iter().try_for_each(|row| row.lines(out))
    }
}

/// Writes a result in a format.
///
/// # Errors
/// What the writer reports.
pub fn render<V: View>(view: &V, format: Format, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => view.table(look, out),
        Format::Json => json::document(view, out),
        Format::Jsonl => view.lines(out),
        Format::Csv => csv::write_records(&V::header(), &view.rows(), out),
        Format::Openmetrics => view.metrics(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_parses_back() {
        for format in Format::ALL.iter().copied() {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        let message = "xml".parse::<Format>().unwrap_err().to_string();
        assert_eq!(message, "unknown format `xml`: expected table, json, jsonl, csv, openmetrics");
    }
}
