//! Reads lists of leads: lines, CSV, JSONL and JSON, record by record, in flat memory; and results of calls.

mod array;
mod cells;
mod columns;
mod delimiter;
mod each_line;
mod encoding;
mod field;
mod foreign;
mod format;
mod head;
mod lead_name;
mod lines;
mod object;
mod own_export;
mod record;
mod record_builder;
mod records;
mod refusal;
mod registry;
mod rejects;
mod results;
mod rows;
mod rules;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod text_input;

pub use columns::{FoundColumns, listed};
pub use each_line::{each_line, text_lines};
pub use encoding::InputEncoding;
pub use format::has_file_ending;
pub use lines::{is_phone_number, is_written_with_plus, national_number};
pub use record::{BadRecord, Entry, LeaveOut, ReadError, Record};
pub use records::Records;
pub use refusal::OpenError;
pub use registry::{RegistryFileError, RegistryNumbers};
pub use rejects::RejectWriter;
pub use results::read_results;
pub use rules::InputRules;
pub use source::LONGEST_RECORD;
