//! `callq rules list`

use super::book::{book, policy};
use super::views::detail;
use crate::cli::RulesList;
use crate::commands::context::Context;
use crate::compliance::{Region, Rule};
use crate::contract::List;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(args: &RulesList, context: &mut Context<'_>) -> Result<(), CommandError> {
    let policy = policy(&args.client, context)?;
    let (book, region) = (book(&policy)?, region(args.region.as_ref())?);
    let fits = |rule: &Rule| {
        let purpose = args.purpose.is_none_or(|purpose| rule.applies_to.fit_dial(Some(purpose), policy.law.voice));
        purpose && region.is_none_or(|region| rule.holds_in(&[region]))
    };
    let rows = book.set().all().iter().filter(|rule| fits(rule)).map(|rule| detail(rule, book.set())).collect();
    context.show(&List { rows })
}

fn region(text: Option<&String>) -> Result<Option<Region>, CommandError> {
    let usage = |error| CommandError::message(ErrorKind::Usage, format!("{error}"));
    text.map(|text| text.parse()).transpose().map_err(usage)
}
