//! The configuration: one TOML file, QUEUE_* variables and built-in values, resolved to a policy for each client.

pub mod calendar;
