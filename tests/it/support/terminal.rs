//! A terminal of any size to run callq on, inside of the test's own process.

use std::cell::{Cell, OnceCell};
use std::io::{self, BufRead, Cursor};
use std::sync::Arc;
use std::time::Duration;

use callq::cli::Cli;
use callq::clock::ManualClock;
use callq::commands::{Surroundings, World};
use callq::config::Locations;
use callq::error::CommandError;
use callq::interrupt::Interrupt;
use callq::model::{Actor, Environment};
use callq::output::{ColorSigns, Screen};
use callq::random::CountingRandom;
use clap::Parser;

use super::Sandbox;

/// A terminal, and the person at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Its size.
    pub(crate) screen: Screen,
    /// Whether it shows colors; else `--color never` is given.
    pub(crate) has_color: bool,
    /// Whether it only prints: `TERM=dumb`.
    pub(crate) is_dumb: bool,
    /// What the person types.
    pub(crate) typed: &'static str,
    /// So many waits go by before the person presses Ctrl-C.
    pub(crate) waits: u32,
    /// The time, in RFC 3339.
    pub(crate) now: &'static str,
}

/// What a terminal shows.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
    /// How the command ended.
    pub(crate) result: Result<(), CommandError>,
}

/// Ctrl-C after so many waits, none of which takes time.
struct CtrlC(Cell<u32>);

impl Interrupt for CtrlC {
    fn signal(&self) -> Option<u8> {
        (self.0.get() == 0).then_some(2)
    }

    fn pause(&self, _: Duration) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Terminal {
    /// A terminal without color on Monday 2026-11-23 at 15:00 UTC, as a sandbox has it.
    pub(crate) fn of(columns: usize, rows: usize) -> Terminal {
        Terminal {
            screen: Screen { columns, rows },
            has_color: false,
            is_dumb: false,
            typed: "",
            waits: 1,
            now: "2026-11-23T15:00:00Z",
        }
    }

    /// Runs callq on the database and the configuration of a sandbox.
    pub(crate) fn run(&self, sandbox: &Sandbox, arguments: &[&str]) -> Shown {
        let color = if self.has_color { "always" } else { "never" };
        let cli = Cli::try_parse_from(["callq", "--color", color].iter().chain(arguments)).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let stdin = || -> Box<dyn BufRead> { Box::new(Cursor::new(self.typed)) };
        let signals = || -> io::Result<Box<dyn Interrupt>> { Ok(Box::new(CtrlC(Cell::new(self.waits)))) };
        let locations = Locations {
            config_flag: Some(sandbox.path("config/config.toml")),
            db_flag: Some(sandbox.database()),
            ..Locations::default()
        };
        let mut world = World {
            global: cli.global,
            clock: Arc::new(ManualClock::at(self.now.parse().unwrap())),
            environment: Environment::default(),
            random: &mut CountingRandom::default(),
            stdin: &stdin,
            signals: &signals,
            screen: &|| Some(self.screen),
            out: &mut out,
            err: &mut err,
            surroundings: Surroundings {
                locations,
                actor: Actor::named("tester"),
                default_client: None,
                colors: ColorSigns { terminal: true, dumb: self.is_dumb, ..ColorSigns::default() },
                stdin_is_terminal: true,
                stderr_is_terminal: true,
                boot: || None,
            },
            settings: OnceCell::new(),
            asked_at: OnceCell::new(),
        };
        let result = callq::commands::run(&cli.command, &mut world);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Shown { out: text(out), err: text(err), result }
    }
}
