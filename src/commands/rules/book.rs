//! The policy whose rules are meant, and its book of rules.

use std::sync::Arc;

use crate::cli::Client;
use crate::commands::context::Context;
use crate::compliance::RuleBook;
use crate::error::{CommandError, ErrorKind};
use crate::scheduler::Policy;

/// The policy of the client that is named; the database is not asked whether there is one.
pub(super) fn policy(named: &Client, context: &Context<'_>) -> Result<Arc<Policy>, CommandError> {
    context.policy_or_defaults(context.client(named)?.as_ref())
}

pub(super) fn book(policy: &Policy) -> Result<&RuleBook, CommandError> {
    RuleBook::of(policy).ok_or_else(|| CommandError::message(ErrorKind::Failed, "the rules are not at hand"))
}
