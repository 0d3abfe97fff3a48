//! `callq rules caps`

use clap::Args;

/// Answer what caps say to calls and to retries
///
/// Standard input holds a question a line, as a JSON object; standard output an answer a line, in the same order. Blank
/// lines are skipped. A question of the kind `dial` asks whether a number may be called after some attempts, one of the kind
/// `ladder` what caps do to delays of retries. Needs neither database nor configuration.
#[derive(Debug, Args)]
pub struct RulesCaps {
    /// Read questions from standard input in this format
    #[arg(long, value_name = "FORMAT", value_parser = ["jsonl"], required = true)]
    pub input: String,
}
