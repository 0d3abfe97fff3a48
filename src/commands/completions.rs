//! `callq completions`

use super::world::World;
use crate::cli::Completions;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(_args: &Completions, _world: &mut World<'_>) -> Result<(), CommandError> {
    Err(CommandError::message(ErrorKind::Internal, "not built yet"))
}
