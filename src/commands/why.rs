//! `callq why`

use super::world::World;
use crate::cli::Why;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(_args: &Why, _world: &mut World<'_>) -> Result<(), CommandError> {
    Err(CommandError::message(ErrorKind::Internal, "not built yet"))
}
