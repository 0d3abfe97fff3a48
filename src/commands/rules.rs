//! `callq rules`

use super::context::Context;
use super::rules_caps;
use crate::cli::{Rules, RulesAction};
use crate::error::CommandError;

pub(super) fn run(args: &Rules, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        RulesAction::Caps(args) => rules_caps::run(args, context),
    }
}
