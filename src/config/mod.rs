//! The configuration: one TOML file, QUEUE_* variables and built-in values, resolved to a policy for each client.
//!
//! `keys` is the one table of what may be set. The layers (`document` for the file, `load` for the variables) hold
//! values of these keys; `resolve` writes them over each other into a `policy_builder`, and `rules` makes a policy of it.
//! `explain` tells where a value comes from, `check` what is legal but surely wrong, `edit` changes the file.

pub mod calendar;
mod check;
mod check_ladder;
mod check_law;
mod check_share;
#[cfg(test)]
mod default;
mod dispatch;
mod document;
mod edit;
mod editor;
mod error;
mod exclude;
mod explain;
mod keys;
mod law;
mod layers;
mod load;
mod locations;
mod marks;
mod names;
mod natural;
mod own_rules;
mod policy_builder;
mod read;
mod receivers;
mod replace;
mod resolve;
mod row_table;
mod rules;
mod shown;
mod source_text;
mod value;
mod warning_location;
mod what_if;

pub use check::{NeverCalled, SecretFault, calendar_warnings, receiver_warnings, warnings};
pub use check_law::{law_warnings, purpose_warning};
pub use edit::{Edited, init, set, set_all, unset};
pub use editor::{EditorFile, Saved};
pub use error::{ConfigError, Location, Problem};
pub use explain::{Row, Source, database_in_use, get, list};
pub use load::{Settings, load, load_with_problems};
pub use locations::{Locations, UserFolders};
pub use marks::FileMarks;
pub use shown::SAMPLE;
pub use what_if::with_values;
