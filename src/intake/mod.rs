//! Reads lists of leads: lines, CSV, JSONL and JSON, record by record, in flat memory; and results of calls.

mod array;
mod cells;
mod field;
mod format;
mod lines;
mod object;
mod record;
mod record_builder;
mod records;
mod rejects;
mod results;
mod source;
mod table;
#[cfg(test)]
mod tests;

pub use format::guess_format;
pub use lines::each_line;
pub use record::{BadRecord, Entry, ReadError};
pub use records::Records;
pub use rejects::RejectWriter;
pub use results::read_results;
pub use source::LONGEST_RECORD;
