//! The program from its arguments to its exit code: parses, runs, explains what went wrong.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::cli::{self, EarlyExit, Global};
use crate::clock::{Clock, ManualClock, SystemClock};
use crate::commands::{self, Surroundings, World};
use crate::config::Locations;
use crate::error::{CommandError, ErrorKind};
use crate::interrupt::{Interrupt, Signals};
use crate::model::{Actor, Format};
use crate::output::{ColorSigns, Screen, Style};
use crate::random::SystemRandom;

/// Runs the program with the arguments of this process, and gives back its exit code.
pub fn main(arguments: Vec<OsString>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let format = format_of(&arguments);
    let style = Style { terminal: std::io::stderr().is_terminal(), ..Style::PLAIN };
    // A bug is reported by its place only: the message could hold data.
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(|| run(arguments, format, out, err)));
    let result = result.unwrap_or_else(|_| {
        Err(CommandError::message(ErrorKind::Internal, "an internal error of callq")
            .with_hint("please report the command; the database is as the last finished step left it"))
    });
    let flushed = out.flush().map_err(commands::output_failed);
    match result.and(flushed) {
        Ok(()) => 0,
        Err(error) => {
            commands::explain(&error, format, style, err);
            error.kind.exit_code()
        }
    }
}

fn run(arguments: Vec<OsString>, format: Format, out: &mut dyn Write, err: &mut dyn Write) -> Result<(), CommandError> {
    let cli = match cli::parse(arguments) {
        Ok(cli) => cli,
        Err(EarlyExit::Answer(text)) => return out.write_all(text.as_bytes()).map_err(commands::output_failed),
        Err(EarlyExit::NoCommand(help)) => {
            if !format.is_json() {
                let _ = err.write_all(help.as_bytes());
            }
            return Err(CommandError::message(ErrorKind::Usage, "no command is given").with_hint("--help lists them"));
        }
        Err(EarlyExit::Usage { message, hint }) => {
            return Err(CommandError::message(ErrorKind::Usage, message).with_hint(hint));
        }
    };
    let clock = clock()?;
    let stdin = || -> Box<dyn BufRead> { Box::new(std::io::stdin().lock()) };
    let signals = || -> io::Result<Box<dyn Interrupt>> { Ok(Box::new(Signals::take()?)) };
    let mut world = World {
        surroundings: surroundings(&cli.global),
        global: cli.global,
        clock,
        variables: Arc::new(|name: &str| std::env::var_os(name)),
        random: &mut SystemRandom,
        stdin: &stdin,
        signals: &signals,
        screen: &screen,
        out,
        err,
        settings: OnceCell::new(),
        asked_at: OnceCell::new(),
    };
    commands::run(&cli.command, &mut world)
}

/// The machine's clock, or the one that `CALLQ_NOW` sets.
fn clock() -> Result<Arc<dyn Clock>, CommandError> {
    let Some(text) = std::env::var_os("CALLQ_NOW").filter(|text| !text.is_empty()) else {
        return Ok(Arc::new(SystemClock));
    };
    let text = text.to_string_lossy();
    match chrono::DateTime::parse_from_rfc3339(&text) {
        Ok(now) => Ok(Arc::new(ManualClock::at(now.to_utc()))),
        Err(_) => {
            let message = format!("CALLQ_NOW: `{text}` is not RFC 3339, such as 2026-11-23T14:00:00Z");
            Err(CommandError::message(ErrorKind::Usage, message))
        }
    }
}

fn surroundings(global: &Global) -> Surroundings {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let text = |name: &str| set(name).map(|value| value.to_string_lossy().into_owned());
    let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
    let user = text("USER").or_else(|| text("LOGNAME"));
    Surroundings {
        locations: Locations::from_process(global.config.clone(), global.db.clone()),
        actor: Actor::named(&user.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))),
        default_client: text("CALLQ_CLIENT"),
        colors: ColorSigns {
            terminal: stdout.is_terminal(),
            no_color: set("NO_COLOR").is_some(),
            force_color: text("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            dumb: text("TERM").as_deref() == Some("dumb"),
        },
        stdin_is_terminal: std::io::stdin().is_terminal(),
        stderr_is_terminal: stderr.is_terminal(),
        boot,
    }
}

/// What Linux calls this boot; other systems tell nothing.
fn boot() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|boot| boot.trim().to_owned())
}

/// The size of the terminal on standard output, if it tells.
fn screen() -> Option<Screen> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    let (columns, rows) = (usize::from(size.ws_col), usize::from(size.ws_row));
    (columns > 0 && rows > 0).then_some(Screen { columns, rows })
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
