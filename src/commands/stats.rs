//! `callq stats`

use super::world::World;
use crate::cli::Stats;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(_args: &Stats, _world: &mut World<'_>) -> Result<(), CommandError> {
    Err(CommandError::message(ErrorKind::Internal, "not built yet"))
}
