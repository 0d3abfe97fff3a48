//! How results look: the JSON contract, tables, CSV, pictures, progress.
//!
//! Everything here writes to a writer that it is given and hands back its `io::Error` untouched. A reader that closes
//! its end early shows as [`std::io::ErrorKind::BrokenPipe`]; `main` turns that one into a quiet end, any other into
//! exit 8.

mod batch;
mod best_hours;
mod blocking_writer;
mod call_line;
mod chart;
mod client;
mod column;
mod consent;
mod copies;
mod count;
mod csv;
mod detail;
mod do_not_call;
mod error;
mod escape;
mod event;
mod forecast;
mod gate;
mod holiday;
mod items;
mod json;
mod ladder_step;
mod law;
mod list_column;
mod log;
mod metrics;
mod number;
mod phone_number;
mod progress;
mod prune;
mod receipt;
mod render;
mod report;
mod rows;
mod rule;
#[cfg(test)]
mod sample;
mod screen;
mod stats;
mod status;
mod stream;
mod style;
mod table;
mod time;
mod week;
mod week_line;
mod why_summary;
mod wrap;

pub use best_hours::of_best_hours;
pub use blocking_writer::BlockingWriter;
pub use call_line::{CallLine, LiveLines, client_progress};
pub use column::{DEFAULT_COLUMNS, ItemColumn, UnknownColumn};
pub use error::render_error;
pub use escape::visible;
pub use gate::{blocked_by, fault_words, gate_detail, pause_words};
pub use holiday::holiday_line;
pub use items::ItemWriter;
pub use list_column::{ListColumn, parse_columns};
pub use number::{counted, with_commas};
pub use phone_number::{number_source, place_note, word_note};
pub use progress::{Progress, RunProgress};
pub use render::{View, render, render_turn};
pub(crate) use rows::{RowView, RowWriter};
pub use screen::draw_over;
pub use status::unattended_line;
pub use stream::ViewWriter;
pub use style::{Color, ColorSigns, Screen, Style};
pub use time::{LocalTime, RenderContext, relative, span};
pub use week::{DayPicture, QuarterHour, draw_week};
pub use week_line::week_line;
pub use why_summary::WhySummary;
pub use wrap::{LineWrapper, wrapped};
