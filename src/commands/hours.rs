//! `callq hours`

use super::world::World;
use crate::cli::Hours;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(_args: &Hours, _world: &mut World<'_>) -> Result<(), CommandError> {
    Err(CommandError::message(ErrorKind::Internal, "not built yet"))
}
