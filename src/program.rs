//! The program from its arguments to its exit code: parses, runs, explains what went wrong.

use std::cell::{Cell, OnceCell};
use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::cli::{self, EarlyExit};
use crate::clock::{Clock, ManualClock};
use crate::commands::{self, Context, Surroundings};
use crate::config::{Locations, UserFolders};
use crate::error::{CommandError, ErrorKind};
use crate::interrupt::Interrupt;
use crate::model::{Environment, Format};
use crate::output::{ColorSigns, Screen, Style};
use crate::random::Random;

/// Everything that a run of the program depends on, but for files. `main` fills it from the real process, a test with what
/// it likes.
pub struct Process<'p> {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    pub environment: Environment,
    pub folders: UserFolders,
    /// The number of the user.
    pub user: u32,
    /// Reads the operating system's list of users, in the form of `/etc/passwd`.
    pub passwd: fn() -> String,
    pub stdin: &'p dyn Fn() -> Box<dyn BufRead>,
    pub stdout: &'p mut dyn Write,
    pub stderr: &'p mut dyn Write,
    /// Which of the three are terminals.
    pub terminals: Terminals,
    /// Asks the terminal of standard output for its size, which may change while a command goes on.
    pub screen: &'p dyn Fn() -> Option<Screen>,
    /// The time, unless `CALLQ_NOW` sets another one.
    pub clock: Arc<dyn Clock>,
    pub random: &'p mut dyn Random,
    /// Takes the signals, for commands that run calls; all others are ended by a signal as usual.
    pub signals: &'p dyn Fn() -> io::Result<Box<dyn Interrupt>>,
    /// Asks the operating system what it calls this boot.
    pub boot: fn() -> Option<String>,
}

/// Which of the standard streams are terminals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminals {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
}

/// Runs the program, and gives back its exit code.
pub fn main(mut process: Process<'_>) -> u8 {
    let format = format_of(&process.arguments);
    let result = catch_unwind(AssertUnwindSafe(|| run(&mut process, format)));
    // A bug is reported by its place only: the message could hold data.
    let result = result.unwrap_or_else(|_| {
        Err(CommandError::message(ErrorKind::Internal, "an internal error of callq")
            .with_hint("please report the command; the database is as the last finished step left it"))
    });
    let flushed = process.stdout.flush().map_err(commands::output_failed);
    match result.and(flushed) {
        Ok(()) => 0,
        Err(error) => {
            let width = (process.screen)().unwrap_or(Screen::USUAL).columns;
            let style = Style { terminal: process.terminals.stderr, color: false, width };
            commands::explain(&error, format, style, process.stderr);
            error.kind.exit_code()
        }
    }
}

fn run(process: &mut Process<'_>, format: Format) -> Result<(), CommandError> {
    let cli = match cli::parse(mem::take(&mut process.arguments)) {
        Ok(cli) => cli,
        Err(EarlyExit::Answer(text)) => {
            return process.stdout.write_all(text.as_bytes()).map_err(commands::output_failed);
        }
        Err(EarlyExit::NoCommand(help)) => {
            if !format.is_json() {
                let _ = process.stderr.write_all(help.as_bytes());
            }
            return Err(CommandError::message(ErrorKind::Usage, "no command is given").with_hint("--help lists them"));
        }
        Err(EarlyExit::Usage { message, hint }) => {
            return Err(CommandError::message(ErrorKind::Usage, message).with_hint(hint));
        }
    };
    let (environment, terminals) = (process.environment.clone(), process.terminals);
    let locations = Locations {
        config_flag: cli.global.config.clone(),
        db_flag: cli.global.db.clone(),
        ..Locations::new(&environment, process.folders.clone())
    };
    let mut context = Context {
        surroundings: Surroundings {
            locations,
            user: process.user,
            passwd: process.passwd,
            default_client: text(&environment, "CALLQ_CLIENT"),
            colors: colors(&environment, terminals),
            stdin_is_terminal: terminals.stdin,
            stderr_is_terminal: terminals.stderr,
            boot: process.boot,
        },
        global: cli.global,
        clock: clock(&environment, process.clock.clone())?,
        environment,
        random: &mut *process.random,
        stdin: process.stdin,
        signals: process.signals,
        screen: process.screen,
        out: &mut *process.stdout,
        err: &mut *process.stderr,
        actor: OnceCell::new(),
        settings: OnceCell::new(),
        upgraded: Cell::new(None),
        asked_at: OnceCell::new(),
    };
    commands::run(&cli.command, &mut context)
}

/// The clock that `CALLQ_NOW` sets, else the given one.
fn clock(environment: &Environment, given: Arc<dyn Clock>) -> Result<Arc<dyn Clock>, CommandError> {
    let Some(text) = text(environment, "CALLQ_NOW") else { return Ok(given) };
    match chrono::DateTime::parse_from_rfc3339(&text) {
        Ok(now) => Ok(Arc::new(ManualClock::at(now.to_utc()))),
        Err(_) => {
            let message = format!("CALLQ_NOW: `{text}` is not RFC 3339, such as 2026-11-23T14:00:00Z");
            Err(CommandError::message(ErrorKind::Usage, message))
        }
    }
}

fn text(environment: &Environment, name: &str) -> Option<String> {
    environment.non_empty(name).map(|value| value.to_string_lossy().into_owned())
}

fn colors(environment: &Environment, terminals: Terminals) -> ColorSigns {
    ColorSigns {
        terminal: terminals.stdout,
        no_color: environment.non_empty("NO_COLOR").is_some(),
        force_color: text(environment, "CLICOLOR_FORCE").is_some_and(|value| value != "0"),
        dumb: text(environment, "TERM").as_deref() == Some("dumb"),
    }
}

/// The format that the arguments ask for, also when they do not parse: a script reads errors as JSON.
fn format_of(arguments: &[OsString]) -> Format {
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let mut format = Format::Table;
    for (index, word) in words.iter().enumerate() {
        let value = word.strip_prefix("--format=").map(str::to_owned);
        let next = || words.get(index + 1).filter(|_| word == "--format").map(ToString::to_string);
        match value.or_else(next).map(|value| value.parse()) {
            Some(Ok(named)) => format = named,
            _ if word == "--json" => format = Format::Json,
            _ if word == "--" => break,
            _ => {}
        }
    }
    format
}
