//! `callq completions`

use std::fs;
use std::path::{Path, PathBuf};

use super::context::{Context, output_failed};
use crate::cli::Completions;
use crate::contract::PathView;
use crate::error::{CommandError, ErrorKind};
use crate::model::{CompletionShell, Environment};

pub(super) fn run(args: &Completions, context: &mut Context<'_>) -> Result<(), CommandError> {
    match args.shell {
        shell if args.install => install(shell, context),
        Some(shell) => context.out.write_all(script(shell).as_bytes()).map_err(output_failed),
        // The command line asks for one of both.
        None => Err(CommandError::message(ErrorKind::Usage, "no shell is named").with_hint("callq completions --help")),
    }
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

/// Writes the script where the shell finds it for this user, and prints the path.
fn install(shell: Option<CompletionShell>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let shell = shell.map_or_else(|| shell_of(&context.environment), Ok)?;
    let path = place(shell, &context.environment)?;
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, script(shell)));
    written.map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        CommandError::message(ErrorKind::Failed, message)
            .with_hint(format!("`callq completions {shell}` prints the script: put it elsewhere"))
    })?;
    context.show_timeless(&PathView { path: path.display().to_string(), exists: true })?;
    match (shell, path.parent()) {
        (CompletionShell::Zsh, Some(folder)) => context.say(format_args!(
            "~/.zshrc needs this line before `compinit`: fpath=({} $fpath)",
            crate::trusted_file::quoted(folder)
        )),
        (CompletionShell::Bash, _) => {
            context.say(format_args!("new shells complete callq, where the package bash-completion is installed"));
        }
        _ => context.say(format_args!("new shells complete callq")),
    }
    Ok(())
}

/// The shell that `SHELL` names.
fn shell_of(environment: &Environment) -> Result<CompletionShell, CommandError> {
    let usage = |message: String| {
        CommandError::message(ErrorKind::Usage, message).with_hint("name the shell: callq completions --install bash")
    };
    let Some(named) = environment.non_empty("SHELL") else { return Err(usage("SHELL names no shell".to_owned())) };
    let name = Path::new(named).file_name().unwrap_or(named).to_string_lossy();
    name.parse().map_err(|_| usage(format!("SHELL names `{}`, and callq has no script for it", name.escape_debug())))
}

/// Where a shell looks for the scripts of a user.
fn place(shell: CompletionShell, environment: &Environment) -> Result<PathBuf, CommandError> {
    let (variable, usual, file) = match shell {
        CompletionShell::Bash => ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/callq"),
        CompletionShell::Zsh => ("XDG_DATA_HOME", ".local/share", "zsh/site-functions/_callq"),
        CompletionShell::Fish => ("XDG_CONFIG_HOME", ".config", "fish/completions/callq.fish"),
        CompletionShell::Elvish | CompletionShell::PowerShell => {
            let message = format!("--install knows bash, zsh and fish, not {shell}");
            let hint = format!("`callq completions {shell}` prints the script: load it in the shell's start file");
            return Err(CommandError::message(ErrorKind::Usage, message).with_hint(hint));
        }
    };
    let home = || environment.non_empty("HOME").map(|home| Path::new(home).join(usual));
    // The specification of these variables says to ignore a relative path.
    let named = environment.non_empty(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    named.or_else(home).map(|folder| folder.join(file)).ok_or_else(|| {
        let message = format!("no folder for completion scripts: neither HOME nor {variable} is set");
        CommandError::message(ErrorKind::Failed, message)
            .with_hint(format!("`callq completions {shell}` prints the script: put it where {shell} looks"))
    })
}
