//! `callq rules`

mod book;
mod caps;
mod check;
mod for_place;
mod list;
mod show;
mod views;

use super::context::Context;
use crate::cli::{Rules, RulesAction};
use crate::error::CommandError;

pub(super) fn run(args: &Rules, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        RulesAction::List(args) => list::run(args, context),
        RulesAction::Show(args) => show::run(args, context),
        RulesAction::For(args) => for_place::run(args, context),
        RulesAction::Check(args) => check::run(args, context),
        RulesAction::Caps(args) => caps::run(args, context),
    }
}
