//! `callq rules show`

use super::book::{book, policy};
use super::views::detail;
use crate::cli::RulesShow;
use crate::commands::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::model::did_you_mean;

pub(super) fn run(args: &RulesShow, context: &mut Context<'_>) -> Result<(), CommandError> {
    let policy = policy(&args.client, context)?;
    let set = book(&policy)?.set();
    let Some(rule) = set.all().iter().find(|rule| rule.id() == args.id) else {
        let meant = did_you_mean(&args.id, set.all().iter().map(|rule| rule.id()));
        let message = format!("no rule `{}`{meant}", args.id.escape_debug());
        return Err(CommandError::message(ErrorKind::NotFound, message).with_hint("`callq rules list` shows them"));
    };
    context.show(&detail(rule, set))
}
