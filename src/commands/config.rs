//! `callq config`

use super::world::World;
use crate::cli::Config;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(_args: &Config, _world: &mut World<'_>) -> Result<(), CommandError> {
    Err(CommandError::message(ErrorKind::Internal, "not built yet"))
}
