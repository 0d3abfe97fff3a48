//! `callq config edit`

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::commands::context::Context;
use crate::config::{ConfigError, EditorFile, Saved};
use crate::error::{CommandError, ErrorKind};

/// Opens a copy of the file in the editor until it is right or the person gives up.
pub(super) fn run(path: &Path, context: &mut Context<'_>) -> Result<(), CommandError> {
    let editor = editor(context)?;
    let file = EditorFile::open(path)?;
    let kept = format!("your text is in {}", file.copy().display());
    loop {
        start(&editor, file.copy(), context)?;
        match file.save() {
            Ok(Saved::Changed) => {
                context.say(format_args!("changed"));
                return Ok(());
            }
            Ok(Saved::Unchanged) => {
                context.say(format_args!("unchanged"));
                return Ok(());
            }
            Ok(Saved::Overtaken) => {
                let message = format!("{} was changed by someone else meanwhile", path.display());
                return Err(CommandError::message(ErrorKind::Refused, message).with_hint(kept));
            }
            Err(error @ ConfigError::Invalid(_)) => {
                let error = CommandError::from(error);
                if !asks_again(context, &error)? {
                    return Err(error.with_hint(format!("{kept}; the file is unchanged")));
                }
            }
            Err(error) => return Err(CommandError::from(error).with_hint(kept)),
        }
    }
}

/// The program and the flags that `VISUAL` or `EDITOR` names.
fn editor(context: &Context<'_>) -> Result<Vec<OsString>, CommandError> {
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| context.environment.non_empty(name));
    let named = named.map(|named| named.to_string_lossy().into_owned()).unwrap_or_default();
    let words: Vec<OsString> = named.split_whitespace().map(OsString::from).collect();
    if words.is_empty() {
        let message = "no editor is named: VISUAL and EDITOR are not set";
        return Err(CommandError::message(ErrorKind::Usage, message)
            .with_hint("set EDITOR, or open the file that `callq config path` prints"));
    }
    Ok(words)
}

/// Starts the editor on the terminal of this command, and waits for its end.
fn start(editor: &[OsString], copy: &Path, context: &Context<'_>) -> Result<(), CommandError> {
    let Some((program, flags)) = editor.split_first() else { return Ok(()) };
    let shown = program.to_string_lossy();
    let mut command = Command::new(program);
    command.args(flags).arg(copy).env_clear().envs(context.environment.iter());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let message = format!("the editor `{shown}` failed: {status}; the file is unchanged");
            Err(CommandError::message(ErrorKind::Failed, message))
        }
        Err(error) => {
            let message = format!("cannot start the editor `{shown}`: {error}");
            Err(CommandError::message(ErrorKind::Failed, message).with_hint("set VISUAL or EDITOR to another program"))
        }
    }
}

/// Shows what is wrong and asks whether to go on editing, on a terminal.
fn asks_again(context: &mut Context<'_>, error: &CommandError) -> Result<bool, CommandError> {
    if !context.surroundings.stdin_is_terminal {
        return Ok(false);
    }
    context.warn_of(error);
    let _ = write!(context.err, "edit again? [Y/n] ");
    let _ = context.err.flush();
    let mut answer = String::new();
    let read = (context.stdin)().read_line(&mut answer);
    let read =
        read.map_err(|error| CommandError::message(ErrorKind::Failed, format!("cannot read the answer: {error}")))?;
    // The end of the input is no answer.
    Ok(read > 0 && !matches!(answer.trim().to_ascii_lowercase().as_str(), "n" | "no"))
}
