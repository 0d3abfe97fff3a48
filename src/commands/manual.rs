//! `callq help --man`: the pages that the program carries, so that they are those of this version wherever it stands.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::context::{Context, output_failed};
use super::manual_pages::PAGES;
use super::scratch::Scratch;
use crate::cli::{self, EarlyExit, Manual};
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(args: &Manual, context: &mut Context<'_>) -> Result<(), CommandError> {
    let Some(file) = args.page(PAGES.iter().map(|(file, _)| *file)) else { return Err(unknown(args)) };
    let text = PAGES.iter().find(|(name, _)| *name == file).map_or("", |(_, text)| text);
    let folder = context.environment.non_empty("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    let scratch = Scratch::within(&folder)?;
    let path = scratch.file(file)?;
    let failed = |message: String| CommandError::message(ErrorKind::Failed, message);
    fs::write(&path, text).map_err(|error| failed(format!("cannot write {}: {error}", path.display())))?;
    match man(&path, context) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(format!("`man` could not show {file}: {status}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => without_man(args, file, text, context),
        Err(error) => Err(failed(format!("cannot start `man`: {error}"))),
    }
}

/// Shows a file on the terminal of this command.
fn man(path: &Path, context: &mut Context<'_>) -> io::Result<std::process::ExitStatus> {
    context.out.flush()?;
    Command::new("man").arg("-l").arg(path).env_clear().envs(context.environment.iter()).status()
}

/// The help of the command says the same as its page; a page about a subject is printed as it is written.
fn without_man(args: &Manual, file: &str, text: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let subject = file.ends_with(".7");
    let shown = if subject { "the source of the page" } else { "the help of the command" };
    context.say(format_args!("`man` is not installed; this is {shown}"));
    let words = ["callq".into()].into_iter().chain(args.words.iter().map(OsString::from)).chain(["--help".into()]);
    let help = match cli::parse(words.collect()) {
        Err(EarlyExit::Answer(help)) if !subject => help,
        _ => text.to_owned(),
    };
    context.out.write_all(help.as_bytes()).map_err(output_failed)
}

fn unknown(args: &Manual) -> CommandError {
    let subjects = PAGES.iter().filter_map(|(file, _)| file.strip_prefix("callq-")?.strip_suffix(".7"));
    let message = format!("no manual page `{}`", args.words.join(" ").escape_debug());
    CommandError::message(ErrorKind::Usage, message).with_hint(format!(
        "`callq help` lists the commands; pages about subjects: {}",
        subjects.collect::<Vec<_>>().join(", ")
    ))
}
