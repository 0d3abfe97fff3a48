//! Cuts a CSV file into its rows, which go on over line ends in quotes.

use std::io;

use super::cells::CsvState;
use super::record_builder::Fault;
use super::source::{LONGEST_RECORD, LineEnd, LineRead, Source, without_line_end};
use crate::model::Delimiter;

/// A row that was read.
pub(super) struct Row {
    /// The line on which it begins.
    pub(super) line: u64,
    /// After a syntax fault (a quote that is never closed, a row that is too long) nobody can say where the next one begins.
    pub(super) outcome: Result<(), Fault>,
    /// A line end of another kind than the header's stands in it, outside of quotes: it may be several rows.
    pub(super) has_other_end: bool,
}

/// Puts the next row that is no blank line into `record`. It ends by the kind of line end that the header has; by any
/// where that is not known.
pub(super) fn next_row(
    source: &mut Source,
    record: &mut Vec<u8>,
    delimiter: Delimiter,
    header_end: LineEnd,
) -> io::Result<Option<Row>> {
    record.clear();
    let mut place = CsvState::CellStart;
    let (mut line, mut has_other_end) = (0, false);
    loop {
        let before = record.len();
        let read = source.read_line(record)?;
        if before == 0 {
            line = source.line();
        }
        let fault = |fault| Ok(Some(Row { line, outcome: Err(fault), has_other_end: false }));
        place = match read {
            LineRead::End if before == 0 => return Ok(None),
            LineRead::End if place != CsvState::Quoted => {
                return Ok(Some(Row { line, outcome: Ok(()), has_other_end }));
            }
            LineRead::End | LineRead::TooLong if place == CsvState::Quoted => {
                return fault(Fault::syntax("a quoted cell of this record is not closed"));
            }
            // What was passed over may have opened a quote, so that the next line may be no record.
            LineRead::End | LineRead::TooLong => return fault(Fault { syntax: true, ..too_long() }),
            LineRead::Line => place.after(record.get(before..).unwrap_or_default(), delimiter),
        };
        if place == CsvState::Quoted {
            continue;
        }
        if without_line_end(record).trim_ascii().is_empty() {
            record.clear();
        } else if source.line_end == header_end || [source.line_end, header_end].contains(&LineEnd::Input) {
            return Ok(Some(Row { line, outcome: Ok(()), has_other_end }));
        } else {
            has_other_end = true;
        }
        place = CsvState::CellStart;
    }
}

pub(super) fn too_long() -> Fault {
    Fault::record(format!("the record is longer than {} KiB", LONGEST_RECORD / 1024))
}
