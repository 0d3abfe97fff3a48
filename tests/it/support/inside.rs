//! Runs of callq inside of the test's own process, which saves the start of a program.
//!
//! All tests share one process. So a run gets its environment, its streams and its sign to stop as arguments, and a thread
//! whose working directory is the sandbox's folder: on Linux a thread can have one of its own.

use std::ffi::OsString;
use std::io::{self, BufRead, Cursor};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use callq::clock::SystemClock;
use callq::config::UserFolders;
use callq::interrupt::{Interrupt, NoInterrupt};
use callq::model::Environment;
use callq::program::{self, Process, Terminals};
use callq::random::SystemRandom;

/// What the thread of a run may use: as much as the first thread of a program.
const STACK: usize = 8 * 1024 * 1024;

/// What a run printed, and its exit code.
pub(super) struct Printed {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) code: i32,
}

/// Runs callq in this process; nothing where a thread cannot have a working directory of its own.
pub(super) fn run(folder: &Path, arguments: Vec<OsString>, environment: Environment, input: &[u8]) -> Option<Printed> {
    let run = || enter(folder).then(|| print(arguments, environment, input));
    thread::scope(|scope| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).unwrap().join().unwrap())
}

/// Gives this thread, and those that it starts, a working directory of their own. Some containers forbid it.
#[cfg(target_os = "linux")]
fn enter(folder: &Path) -> bool {
    use rustix::thread::UnshareFlags;
    #[expect(deprecated, reason = "unsafe is only the sharing of open files to end, and that goes on")]
    let is_apart = rustix::thread::unshare(UnshareFlags::FS).is_ok();
    is_apart && rustix::process::chdir(folder).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn enter(_: &Path) -> bool {
    false
}

fn print(arguments: Vec<OsString>, environment: Environment, input: &[u8]) -> Printed {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = program::main(Process {
        arguments,
        environment,
        folders: UserFolders::default(),
        user: rustix::process::getuid().as_raw(),
        passwd: || std::fs::read_to_string("/etc/passwd").unwrap_or_default(),
        stdin: &|| -> Box<dyn BufRead> { Box::new(Cursor::new(input.to_owned())) },
        stdout: &mut stdout,
        stderr: &mut stderr,
        terminals: Terminals::default(),
        screen: &|| None,
        clock: Arc::new(SystemClock),
        random: &mut SystemRandom,
        signals: &|| -> io::Result<Box<dyn Interrupt>> { Ok(Box::new(NoInterrupt)) },
        boot: || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|boot| boot.trim().to_owned()),
    });
    Printed { stdout, stderr, code: i32::from(code) }
}
