//! The edge, and the only place that reads the process: arguments, environment, streams and clock in, exit code out.

use std::io::{self, BufRead, BufWriter, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;

use callq::clock::SystemClock;
use callq::config::UserFolders;
use callq::interrupt::{Interrupt, Signals};
use callq::model::Environment;
use callq::output::{BlockingWriter, Screen};
use callq::program::{self, Process, Terminals};
use callq::random::SystemRandom;

fn main() -> ExitCode {
    // A bug is reported by `program::main`, without its message: that could hold data.
    std::panic::set_hook(Box::new(|_| {}));
    let environment: Environment = std::env::vars_os().collect();
    let (stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let terminals =
        Terminals { stdin: stdin.is_terminal(), stdout: stdout.is_terminal(), stderr: stderr.is_terminal() };
    ExitCode::from(program::main(Process {
        arguments: std::env::args_os().collect(),
        folders: UserFolders::of_process(&environment),
        environment,
        user: rustix::process::getuid().as_raw(),
        passwd: || std::fs::read_to_string("/etc/passwd").unwrap_or_default(),
        stdin: &|| -> Box<dyn BufRead> { Box::new(io::stdin().lock()) },
        stdout: &mut BufWriter::new(BlockingWriter(stdout.lock())),
        stderr: &mut BlockingWriter(stderr),
        terminals,
        screen: &screen,
        clock: Arc::new(SystemClock),
        random: &mut SystemRandom,
        signals: &|| -> io::Result<Box<dyn Interrupt>> { Ok(Box::new(Signals::take()?)) },
        boot,
    }))
}

/// What Linux calls this boot; `None` on other systems.
fn boot() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|boot| boot.trim().to_owned())
}

/// The size of the terminal on standard output, or else on standard error, if it tells.
fn screen() -> Option<Screen> {
    let told = rustix::termios::tcgetwinsize(io::stdout());
    let size = told.or_else(|_| rustix::termios::tcgetwinsize(io::stderr())).ok()?;
    let (columns, rows) = (usize::from(size.ws_col), usize::from(size.ws_row));
    (columns > 0 && rows > 0).then_some(Screen { columns, rows })
}
