//! `callq completions`

use super::context::{Context, output_failed};
use crate::cli::Completions;
use crate::error::CommandError;
use crate::model::CompletionShell;

pub(super) fn run(args: &Completions, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.out.write_all(script(args.shell).as_bytes()).map_err(output_failed)
}

/// The script of a shell: the file of `completions/`.
fn script(shell: CompletionShell) -> &'static str {
    match shell {
        CompletionShell::Bash => include_str!("../../completions/callq.bash"),
        CompletionShell::Elvish => include_str!("../../completions/callq.elv"),
        CompletionShell::Fish => include_str!("../../completions/callq.fish"),
        CompletionShell::PowerShell => include_str!("../../completions/_callq.ps1"),
        CompletionShell::Zsh => include_str!("../../completions/_callq"),
    }
}
