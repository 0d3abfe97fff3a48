//! Where the leads of a batch come from: its arguments, a file or standard input.

use std::path::{Path, PathBuf};

use crate::cli::ScheduleBatch;
use crate::commands::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::intake::has_file_ending;
use crate::model::{LeadId, NameError};

/// Where the leads of a batch come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Arguments(Vec<LeadId>),
    StandardInput,
    File(PathBuf),
}

impl Origin {
    /// The origin that the arguments name: an argument that is a file is read, and standard input is read when nothing is
    /// named.
    pub(super) fn of(args: &ScheduleBatch, context: &Context<'_>) -> Result<Origin, CommandError> {
        if let Some(path) = &args.file {
            return Ok(Origin::of_path(path));
        }
        if args.leads.is_empty() {
            if context.surroundings.stdin_is_terminal {
                let hint = "give lead ids or a file, or send leads to standard input";
                return Err(CommandError::message(ErrorKind::Usage, "no leads are given").with_hint(hint));
            }
            return Ok(Origin::StandardInput);
        }
        match (args.leads.iter().find(|argument| is_file(argument)), args.leads.as_slice()) {
            (Some(path), [_]) => Ok(Origin::of_path(path)),
            (Some(path), _) => {
                let message = format!("`{}` is a file beside other arguments", path.display());
                Err(CommandError::message(ErrorKind::Usage, message).with_hint("import one file at a time"))
            }
            (None, leads) => leads.iter().map(|lead| lead_id(lead)).collect::<Result<_, _>>().map(Origin::Arguments),
        }
    }

    fn of_path(path: &Path) -> Origin {
        if path.as_os_str() == "-" { Origin::StandardInput } else { Origin::File(path.to_owned()) }
    }

    /// The file, if the input is one.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Origin::File(path) => Some(path),
            Origin::StandardInput => Some(Path::new("-")),
            Origin::Arguments(_) => None,
        }
    }
}

/// Whether an argument is a file and no lead.
fn is_file(argument: &Path) -> bool {
    argument.as_os_str() == "-" || has_file_ending(argument) || argument.metadata().is_ok_and(|found| !found.is_dir())
}

fn lead_id(argument: &Path) -> Result<LeadId, CommandError> {
    let text = argument.to_string_lossy();
    text.parse().map_err(|error: NameError| CommandError::message(ErrorKind::Usage, error.to_string()))
}
