//! `callq rules`

use clap::{Args, Subcommand};

use super::rules_caps::RulesCaps;

/// Show and check the rules of law that calls keep
#[derive(Debug, Args)]
pub struct Rules {
    /// What to do with them.
    #[command(subcommand)]
    pub action: RulesAction,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesAction {
    /// Answer what caps say to calls and to retries
    Caps(RulesCaps),
}
