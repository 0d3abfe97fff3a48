//! Writes items one by one, in every format, in memory that does not grow with their number.

use std::io::{self, Write};

use super::column::{DEFAULT_COLUMNS, ItemColumn, next_call_in, paint};
use super::csv::CsvWriter;
use super::escape::make_json_harmless;
use super::list_column::ListColumn;
use super::table::{Grid, Heading};
use super::time::RenderContext;
use crate::contract::{ItemView, write_item};
use crate::model::Format;

/// Beside it stands how far away the call is, on a terminal.
const NEXT_CALL: ListColumn = ListColumn::Field(ItemColumn::NextCallAt);

/// Bytes that are gathered before they are passed on.
const BUFFER: usize = 64 * 1024;

/// Rows of a table that are laid out together; later ones follow the columns of the first.
const PAGE: usize = 1_000;

/// Writes items to a stream as they come. Nothing is complete before [`ItemWriter::finish`].
pub struct ItemWriter<'a> {
    sink: Sink<'a>,
    columns: Vec<ListColumn>,
    look: RenderContext<'a>,
}

enum Sink<'a> {
    Json { buffer: Vec<u8>, array: bool, empty: bool, out: &'a mut dyn Write },
    Csv { writer: Box<CsvWriter<'a>>, header: bool },
    Table { grid: Grid, out: &'a mut dyn Write },
}

impl<'a> ItemWriter<'a> {
    /// A writer in a format. `columns` chooses what tables and CSV show; JSON always has every field.
    pub fn new(
        format: Format,
        columns: Option<&[ListColumn]>,
        look: RenderContext<'a>,
        out: &'a mut dyn Write,
    ) -> ItemWriter<'a> {
        let chosen = columns.map(<[ListColumn]>::to_vec);
        let all = || ItemColumn::ALL.map(ListColumn::Field).to_vec();
        match format {
            Format::Json | Format::Jsonl => {
                let array = format == Format::Json;
                let buffer = Vec::with_capacity(2 * BUFFER);
                ItemWriter { sink: Sink::Json { buffer, array, empty: true, out }, columns: all(), look }
            }
            Format::Csv => {
                let sink = Sink::Csv { writer: Box::new(CsvWriter::new(out)), header: false };
                ItemWriter { sink, columns: chosen.unwrap_or_else(all), look }
            }
            // Metrics were refused before the command began.
            Format::Table | Format::Openmetrics => {
                let are_chosen = chosen.is_some();
                let columns = chosen.unwrap_or_else(|| DEFAULT_COLUMNS.map(ListColumn::Field).to_vec());
                let grid = Grid::new(headings(&columns, are_chosen, &look), look.style);
                ItemWriter { sink: Sink::Table { grid, out }, columns, look }
            }
        }
    }

    /// Writes one item.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn write(&mut self, item: &ItemView<'_>) -> io::Result<()> {
        match &mut self.sink {
            Sink::Json { buffer, array, empty, out } => {
                if *array {
                    buffer.extend_from_slice(if *empty { b"[\n" } else { b",\n" });
                }
                *empty = false;
                write_item(item, buffer)?;
                if !*array {
                    buffer.push(b'\n');
                }
                if buffer.len() >= BUFFER {
                    make_json_harmless(buffer);
                    out.write_all(buffer)?;
                    buffer.clear();
                }
                Ok(())
            }
            Sink::Csv { writer, header } => {
                write_header(writer, header, &self.columns)?;
                for column in &self.columns {
                    writer.cell(&column.cell(item))?;
                }
                writer.end_row()
            }
            Sink::Table { grid, out } => {
                let mut cells = Vec::with_capacity(self.columns.len() + 1);
                for column in &self.columns {
                    cells.push(column.shown(item, &self.look));
                    if *column == NEXT_CALL && self.look.style.terminal {
                        cells.push(next_call_in(item, &self.look).into());
                    }
                }
                grid.row(paint(item), cells);
                if grid.waiting() >= PAGE { grid.write(*out) } else { Ok(()) }
            }
        }
    }

    /// Ends the document and passes on what is still held. No item at all gives `[]`, no line, a header, or no table. Gives
    /// back the columns for which the terminal has no room.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn finish(self) -> io::Result<Vec<String>> {
        match self.sink {
            Sink::Json { mut buffer, array, empty, out } => {
                if array {
                    buffer.extend_from_slice(if empty { b"[]\n" } else { b"\n]\n" });
                }
                make_json_harmless(&mut buffer);
                out.write_all(&buffer)?;
                Ok(Vec::new())
            }
            Sink::Csv { mut writer, mut header } => {
                write_header(&mut writer, &mut header, &self.columns)?;
                writer.finish()?;
                Ok(Vec::new())
            }
            Sink::Table { mut grid, out } => {
                grid.write(out)?;
                Ok(grid.hidden())
            }
        }
    }
}

fn write_header(writer: &mut CsvWriter<'_>, written: &mut bool, columns: &[ListColumn]) -> io::Result<()> {
    if *written {
        return Ok(());
    }
    *written = true;
    for column in columns {
        writer.cell(&column.field())?;
    }
    writer.end_row()
}

/// The heads of a table. On a terminal the time until the next call stands beside it. Of the columns that nobody asked
/// for by name, a narrow terminal may leave out some.
fn headings(columns: &[ListColumn], are_chosen: bool, look: &RenderContext<'_>) -> Vec<Heading> {
    let mut headings = Vec::new();
    for column in columns {
        let heading = column.heading();
        headings.push(match column {
            ListColumn::Field(column) if !are_chosen => heading.optional_at(dropped(*column)),
            _ => heading,
        });
        if *column == NEXT_CALL && look.style.terminal {
            headings.push(Heading::new("when").optional(0));
        }
    }
    headings
}

/// The rank in which a column is left out where room is short. Of the next call, how far away it is takes the least room
/// and stays longest.
fn dropped(column: ItemColumn) -> Option<u8> {
    match column {
        ItemColumn::LastReason => Some(6),
        ItemColumn::Phone => Some(5),
        ItemColumn::RetryCount => Some(4),
        ItemColumn::Client => Some(3),
        ItemColumn::Priority => Some(2),
        ItemColumn::NextCallAt => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Item;
    use crate::output::sample;

    fn written(format: Format, columns: Option<&[ItemColumn]>, look: RenderContext<'_>, items: &[Item]) -> String {
        let mut out = Vec::new();
        let columns: Option<Vec<_>> = columns.map(|columns| columns.iter().copied().map(ListColumn::Field).collect());
        let mut writer = ItemWriter::new(format, columns.as_deref(), look, &mut out);
        for item in items {
            writer.write(&ItemView::new(item, Some(sample::at("2026-11-23T14:30:00Z")), look.now)).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_is_one_array_and_jsonl_a_line_an_item() {
        let items = [sample::item(1), sample::bare_item(2)];
        let json = written(Format::Json, None, sample::look(), &items);
        let parsed: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(parsed.len(), 2);
        assert_eq!(json.lines().count(), 4, "{json}");
        let jsonl = written(Format::Jsonl, None, sample::look(), &items);
        assert_eq!(jsonl, format!("{}\n{}\n", sample::ITEM_JSON, sample::BARE_ITEM_JSON));
        assert_eq!(written(Format::Json, None, sample::look(), &[]), "[]\n");
        assert_eq!(written(Format::Jsonl, None, sample::look(), &[]), "");
    }

    #[test]
    fn metadata_with_line_ends_stays_on_one_line() {
        let mut item = sample::bare_item(2);
        item.metadata = Some("{\n  \"a\": 1\r\n}".parse().unwrap());
        let jsonl = written(Format::Jsonl, None, sample::look(), &[item]);
        assert_eq!(jsonl.lines().count(), 1);
        assert!(jsonl.contains(r#""metadata":{   "a": 1  }"#), "{jsonl}");
    }

    #[test]
    fn csv_has_every_field_or_those_chosen() {
        let items = [sample::item(1), sample::bare_item(2)];
        let csv = written(Format::Csv, None, sample::look(), &items);
        let expected = concat!(
            "id,key,client_id,lead_id,priority,status,held,scheduled_at,next_call_at,expires_at,retry_count,",
            "max_retries,attempts,phone,timezones,metadata,last_reason,created_at,created_by,updated_at,region,callback\r\n",
            "1,order-7,acme,lead-1,high,retry_scheduled,false,2026-11-23T14:30:00.000Z,2026-11-23T14:30:00.000Z,",
            "2026-12-01T00:00:00.000Z,1,3,1,+12125554567,America/New_York America/Chicago,",
            "\"{\"\"name\"\": \"\"Zoë\"\"}\",no_answer,",
            "2026-11-22T10:00:00.000Z,ops,2026-11-22T11:00:00.000Z,,\r\n",
            "2,,acme,\"'=HYPERLINK(\"\"x\"\")\",normal,pending,false,2026-11-22T10:00:00.000Z,2026-11-23T14:30:00.000Z,",
            ",0,3,0,,,,,2026-11-22T10:00:00.000Z,ops,2026-11-22T10:00:00.000Z,,\r\n",
        );
        assert_eq!(csv, expected);
        let chosen = written(Format::Csv, Some(&[ItemColumn::Key]), sample::look(), &items);
        assert_eq!(chosen, "key\r\norder-7\r\n\"\"\r\n");
        assert_eq!(written(Format::Csv, Some(&[ItemColumn::Id]), sample::look(), &[]), "id\r\n");
    }

    #[test]
    fn a_table_in_a_pipe_is_whole_and_has_no_relative_time() {
        let items = [sample::item(1), sample::bare_item(2)];
        let expected = "\
id  client  lead             priority  status           next call             retries  phone         reason
 1  acme    lead-1           high      retry_scheduled  2026-11-23 09:30 EST      1/3  +12125554567  no_answer
 2  acme    =HYPERLINK(\"x\")  normal    pending          2026-11-23 09:30 EST      0/3  -             -
";
        assert_eq!(written(Format::Table, None, sample::look(), &items), expected);
        assert_eq!(written(Format::Table, None, sample::look(), &[]), "");
    }

    #[test]
    fn a_table_on_a_terminal_fits_its_width() {
        let mut long = sample::item(12_345_678);
        long.lead = "a lead whose name goes on and on and on, 東京都千代田区".parse().unwrap();
        long.last_reason = Some("a reason\nof \u{1b}[31mmany words that nobody needs to read to the end".into());
        let items = [long, sample::bare_item(2)];
        for width in [40, 60, 80, 100, 132] {
            let look = sample::terminal(width);
            let table = written(Format::Table, None, look, &items);
            for line in table.lines() {
                assert!(sample::width(line) <= width, "{width}: {line}");
            }
            assert_eq!(table.lines().count(), 3, "{table}");
            assert_eq!(table.contains("11-23 09:30 EST"), width >= 80, "{table}");
            assert!(table.contains("…") && (width < 60 || table.contains("in 1 d")), "{table}");
            assert!(!table.contains('\u{1b}'));
        }
    }

    #[test]
    fn wide_letters_keep_the_columns_straight() {
        let mut wide = sample::bare_item(3);
        wide.lead = "東京".parse().unwrap();
        let table = written(
            Format::Table,
            Some(&[ItemColumn::Lead, ItemColumn::Status]),
            sample::look(),
            &[wide, sample::item(1)],
        );
        assert_eq!(table, "lead    status\n東京    pending\nlead-1  retry_scheduled\n");
    }

    #[test]
    fn a_long_table_has_one_header_and_straight_columns() {
        let items: Vec<Item> = (1..=2_100).map(sample::item).collect();
        let table = written(Format::Table, Some(&[ItemColumn::Id, ItemColumn::Status]), sample::look(), &items);
        assert_eq!(table.lines().count(), 2_101);
        assert_eq!(table.lines().filter(|line| line.contains("status")).count(), 1);
        assert_eq!(table.lines().last(), Some("2100  retry_scheduled"));
    }
}
