//! Rows of one kind that come one by one, in every format, in memory that does not grow with their number.

use std::io::{self, Write};

use serde::Serialize;

use super::csv::CsvWriter;
use super::escape::make_json_harmless;
use super::style::Color;
use super::table::{Grid, Heading};
use super::time::RenderContext;
use crate::model::Format;

/// Bytes that are gathered before they are passed on.
const BUFFER: usize = 64 * 1024;

/// Rows of a table that are laid out together; later ones follow the columns of the first.
const PAGE: usize = 1_000;

/// What is a row of its own in every format.
pub(crate) trait RowView: Serialize {
    /// The columns of the table.
    fn headings(look: &RenderContext<'_>) -> Vec<Heading>;

    fn cells(&self, look: &RenderContext<'_>) -> Vec<String>;

    fn color(&self) -> Color;

    /// The columns of the CSV.
    fn header() -> &'static [&'static str];

    fn fields(&self) -> Vec<String>;
}

/// Writes rows to a stream as they come. Nothing is complete before [`RowWriter::finish`].
pub(crate) struct RowWriter<'a> {
    sink: Sink<'a>,
    look: RenderContext<'a>,
}

enum Sink<'a> {
    Json { buffer: Vec<u8>, array: bool, empty: bool, out: &'a mut dyn Write },
    Csv(Box<CsvWriter<'a>>),
    Table { grid: Grid, out: &'a mut dyn Write },
}

impl<'a> RowWriter<'a> {
    /// A writer of rows of the kind `V`, which alone it takes.
    ///
    /// # Errors
    /// What the stream reports.
    pub(crate) fn new<V: RowView>(
        format: Format,
        look: RenderContext<'a>,
        out: &'a mut dyn Write,
    ) -> io::Result<RowWriter<'a>> {
        let sink = match format {
            Format::Json | Format::Jsonl => {
                Sink::Json { buffer: Vec::with_capacity(2 * BUFFER), array: format == Format::Json, empty: true, out }
            }
            Format::Csv => {
                let mut writer = CsvWriter::new(out);
                V::header().iter().try_for_each(|name| writer.cell(name))?;
                writer.end_row()?;
                Sink::Csv(Box::new(writer))
            }
            // Metrics were refused before the command began.
            Format::Table | Format::Openmetrics => Sink::Table { grid: Grid::new(V::headings(&look), look.style), out },
        };
        Ok(RowWriter { sink, look })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// What the stream reports.
    pub(crate) fn write<V: RowView>(&mut self, row: &V) -> io::Result<()> {
        match &mut self.sink {
            Sink::Json { buffer, array, empty, out } => {
                if *array {
                    buffer.extend_from_slice(if *empty { b"[\n" } else { b",\n" });
                }
                *empty = false;
                serde_json::to_writer(&mut *buffer, row)?;
                if !*array {
                    buffer.push(b'\n');
                }
                if buffer.len() >= BUFFER { pass_on(buffer, *out) } else { Ok(()) }
            }
            Sink::Csv(writer) => {
                row.fields().iter().try_for_each(|field| writer.cell(field))?;
                writer.end_row()
            }
            Sink::Table { grid, out } => {
                grid.row(row.color(), row.cells(&self.look));
                if grid.waiting() >= PAGE { grid.write(*out) } else { Ok(()) }
            }
        }
    }

    /// Passes on what is still held, while more may come.
    ///
    /// # Errors
    /// What the stream reports.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Json { buffer, out, .. } => pass_on(buffer, *out).and_then(|()| out.flush()),
            Sink::Csv(writer) => writer.flush(),
            Sink::Table { grid, out } => grid.write(*out).and_then(|()| out.flush()),
        }
    }

    /// Ends the document and passes on what is still held. No row at all gives `[]`, no line, a header, or no table.
    ///
    /// # Errors
    /// What the stream reports.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if let Sink::Json { buffer, array: true, empty, .. } = &mut self.sink {
            buffer.extend_from_slice(if *empty { b"[]\n" } else { b"\n]\n" });
        }
        self.flush()
    }
}

fn pass_on(buffer: &mut Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
    make_json_harmless(buffer);
    out.write_all(buffer)?;
    buffer.clear();
    Ok(())
}
