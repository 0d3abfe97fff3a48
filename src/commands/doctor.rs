//! `callq doctor`

use super::world::World;
use crate::cli::Doctor;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(_args: &Doctor, _world: &mut World<'_>) -> Result<(), CommandError> {
    Err(CommandError::message(ErrorKind::Internal, "not built yet"))
}
