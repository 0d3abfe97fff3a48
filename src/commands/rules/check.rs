//! `callq rules check`

use crate::cli::RulesCheck;
use crate::commands::check_row::check_row;
use crate::commands::context::Context;
use crate::compliance;
use crate::config;
use crate::contract::CheckRow;
use crate::error::CommandError;

pub(super) fn run(args: &RulesCheck, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (settings, client) = (context.settings()?, context.client(&args.client)?);
    let warnings = config::law_warnings(&settings, client.as_ref(), context.now());
    let mut rows: Vec<CheckRow> = warnings.iter().map(|problem| check_row("warning", problem)).collect();
    if rows.is_empty() {
        let detail = format!("no warnings; rules of {}", compliance::shipped_rules_date());
        rows.push(CheckRow { check: "rules".to_owned(), verdict: "ok", detail });
    }
    context.show_checks(rows)
}
