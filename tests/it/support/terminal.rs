//! A terminal of any size to run callq on, inside of the test's own process.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, BufRead, Cursor};
use std::sync::Arc;
use std::time::Duration;

use callq::clock::ManualClock;
use callq::config::UserFolders;
use callq::interrupt::Interrupt;
use callq::output::Screen;
use callq::program::{self, Process, Terminals};
use callq::random::CountingRandom;

use super::Sandbox;
use super::needs::skipped;

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
    /// The exit code.
    pub(crate) code: u8,
}

/// Ctrl-C after this number of waits; no wait takes time.
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
        let (config, database) = (sandbox.path("config/config.toml"), sandbox.database());
        let mut words: Vec<OsString> = ["callq", "--color", color].map(OsString::from).into();
        words.extend(["--config".into(), config.into(), "--db".into(), database.into()]);
        words.extend(arguments.iter().map(OsString::from));
        let term = if self.is_dumb { "dumb" } else { "xterm" };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let code = program::main(Process {
            arguments: words,
            environment: [("USER", "tester"), ("TERM", term)].into_iter().collect(),
            folders: UserFolders::default(),
            user: 0,
            passwd: String::new,
            stdin: &|| -> Box<dyn BufRead> { Box::new(Cursor::new(self.typed)) },
            stdout: &mut stdout,
            stderr: &mut stderr,
            terminals: Terminals { stdin: true, stdout: true, stderr: true },
            screen: &|| Some(self.screen),
            clock: Arc::new(ManualClock::at(self.now.parse().unwrap())),
            random: &mut CountingRandom::default(),
            signals: &|| -> io::Result<Box<dyn Interrupt>> { Ok(Box::new(CtrlC(Cell::new(self.waits)))) },
            boot: || None,
        });
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Shown { out: text(stdout), err: text(stderr), code }
    }
}

/// Whether a program can be run on a pseudo-terminal here.
pub(crate) fn has_real_terminals() -> bool {
    let probe = Sandbox::new().run_program("sh", ["-c", "script --version"], "");
    let has_script = probe.stdout.contains("util-linux");
    if !has_script {
        skipped("`script` of util-linux is not installed");
    }
    has_script
}

/// What the built callq writes on a pseudo-terminal, on the database of a sandbox.
pub(crate) fn on_a_real_terminal(sandbox: &Sandbox, columns: usize, words: &str) -> String {
    let (callq, database) = (env!("CARGO_BIN_EXE_callq"), sandbox.database());
    let command = format!("stty cols {columns} rows 24; {callq} --db {} {words}", database.display());
    sandbox.run_program("script", ["-qec", &command, "/dev/null"], "").stdout
}
