//! The settings as they would be with other values of some keys. Nothing is written.

use super::edit;
use super::error::ConfigError;
use super::load::{Settings, read_file, resolve_clients};
use super::locations::Locations;
use crate::model::ClientId;

/// The settings of this place with these values in `[defaults]` or in a client's section, as [`super::set_all`] would
/// write them. A variable of the environment does not stand above them.
///
/// # Errors
/// As [`super::set_all`], and when the configuration of this place cannot be read.
pub fn with_values(
    locations: &Locations,
    client: Option<&ClientId>,
    values: &[(String, String)],
) -> Result<Settings, ConfigError> {
    let (text, path) = read_file(locations)?;
    let named_path = path.clone().unwrap_or_default();
    let (text, names) = edit::text_with(&text, &named_path, client, values)?;
    resolve_clients(text, path, locations, &names)
}
