//! `callq config unset`

use super::edited::{report, say_later_slots};
use super::path::path_to_write;
use crate::cli::Section;
use crate::commands::context::Context;
use crate::config;
use crate::error::CommandError;

pub(super) fn run(section: &Section, key: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let path = path_to_write(context)?;
    report(config::unset(&path, section.client.as_ref(), key)?, context)?;
    say_later_slots(&[key], section.client.as_ref(), context);
    Ok(())
}
