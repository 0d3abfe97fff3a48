//! How results look: the JSON contract, tables, CSV, pictures, progress.
//!
//! Everything here writes to a writer that it is given and hands back its `io::Error` untouched. A reader that closes
//! its end early shows as [`std::io::ErrorKind::BrokenPipe`]; `main` turns that one into a quiet end, any other into
//! exit 8.

mod chart;
mod column;
mod csv;
mod detail;
mod error;
mod escape;
mod items;
mod json;
mod progress;
mod report;
mod rule;
#[cfg(test)]
mod sample;
mod stats;
mod style;
mod table;
mod time;
pub mod view;
mod week;

use std::io::{self, Write};

use view::List;

use crate::model::Format;

pub use column::{DEFAULT_COLUMNS, ItemColumn, UnknownColumn, parse_columns};
pub use error::render_error;
pub use escape::visible;
pub use items::ItemWriter;
pub use progress::Progress;
pub use report::render_turn;
pub use style::{ColorSigns, Paint, Style};
pub use time::{LocalTime, Look, relative, span};
pub use week::{DayPicture, QuarterHour, draw_week};

/// A result that can be shown in every [`Format`].
pub trait View: serde::Serialize + Sized {
    /// Writes it for people.
    ///
    /// # Errors
    /// What the writer reports.
    fn table(&self, look: &Look<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// Writes several for people.
    ///
    /// # Errors
    /// What the writer reports.
    fn table_of(views: &[Self], look: &Look<'_>, out: &mut dyn Write) -> io::Result<()> {
        views.iter().try_for_each(|view| view.table(look, out))
    }

    /// The columns of its CSV.
    fn header() -> Vec<&'static str>;

    /// Its CSV rows.
    fn rows(&self) -> Vec<Vec<String>>;

    /// Writes it as JSON, an object a line: one line, unless it is a list.
    ///
    /// # Errors
    /// What the writer reports.
    fn lines(&self, out: &mut dyn Write) -> io::Result<()> {
        json::line(self, out)
    }
}

impl<T: View> View for List<T> {
    fn table(&self, look: &Look<'_>, out: &mut dyn Write) -> io::Result<()> {
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
pub fn render<V: View>(view: &V, format: Format, look: &Look<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => view.table(look, out),
        Format::Json => json::document(view, out),
        Format::Jsonl => view.lines(out),
        Format::Csv => csv::write_records(&V::header(), &view.rows(), out),
    }
}
