//! The configuration: one TOML file, QUEUE_* variables and built-in values, resolved to a policy for each client.

mod dispatch;
mod document;
mod door;
mod draft;
mod error;
mod keys;
mod layers;
mod load;
mod locations;
mod names;
mod read;
mod resolve;
mod rules;
mod spelling;
mod value;

pub use error::{ConfigError, Problem, Spot};
pub use load::{Settings, load};
pub use locations::Locations;
