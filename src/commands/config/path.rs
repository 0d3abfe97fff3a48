//! `callq config path`, and the path as a file to write.
//!
//! A wrong or missing file can be mended with `set`, `unset`, `path` and `init`: they do without the settings.

use std::path::PathBuf;

use crate::commands::context::Context;
use crate::commands::protected::Protected;
use crate::contract::PathView;
use crate::error::CommandError;

pub(super) fn show(context: &mut Context<'_>) -> Result<(), CommandError> {
    let path = context.surroundings.locations.config_path()?;
    context.show_timeless(&PathView { path: path.display().to_string(), exists: path.exists() })
}

/// The configuration as a file to write, which must be nothing of the database. A wrong or missing one names no database.
pub(super) fn path_to_write(context: &Context<'_>) -> Result<PathBuf, CommandError> {
    let locations = &context.surroundings.locations;
    let path = locations.config_path()?;
    let database = context.settings().ok().and_then(|settings| settings.database_path(locations).ok());
    if let Some(database) = database.or_else(|| locations.usual_database()) {
        Protected::database(&database).refuse("--config", &path)?;
    }
    Ok(path)
}
