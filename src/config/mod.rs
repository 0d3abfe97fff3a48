//! The configuration: one TOML file, QUEUE_* variables and built-in values, resolved to a policy for each client.

mod check;
mod dispatch;
mod document;
mod door;
mod draft;
mod edit;
mod error;
mod explain;
mod keys;
mod layers;
mod load;
mod locations;
mod names;
mod read;
mod replace;
mod resolve;
mod rules;
mod spelling;
mod value;

pub use check::{NeverCalled, warnings};
pub use edit::{SAMPLE, init, set, unset};
pub use error::{ConfigError, Problem, Spot};
pub use explain::{Row, Source, get, list};
pub use load::{Settings, load};
pub use locations::Locations;
