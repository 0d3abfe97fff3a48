//! A run of a program, finished or still going on.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, ExitStatus};

use rustix::process::{Pid, Signal};
use serde_json::Value;

/// What a finished program left: its output, its errors and its exit code. The sandbox's folder reads `[FOLDER]` in the
/// texts, so that they can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The exit code; a program that a signal ended has 128 and the signal, as in a shell.
    pub(crate) code: i32,
}

impl Run {
    pub(super) fn new(stdout: &[u8], stderr: &[u8], status: ExitStatus, folder: &str) -> Run {
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
        Run::with_code(stdout, stderr, code, folder)
    }

    pub(super) fn with_code(stdout: &[u8], stderr: &[u8], code: i32, folder: &str) -> Run {
        let readable = |bytes| String::from_utf8_lossy(bytes).replace(folder, "[FOLDER]");
        Run { stdout: readable(stdout), stderr: readable(stderr), code }
    }

    /// Standard output, standard error and the exit code as one text.
    pub(crate) fn text(&self) -> String {
        self.to_string()
    }

    /// The run itself, when it exited with `code`.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Run {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// Standard output as JSON, an object a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}\n{self}"));
        self.stdout.lines().map(parse).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { stdout, stderr, code } = self;
        f.write_str(stdout)?;
        if !stderr.is_empty() {
            write!(f, "--- standard error\n{stderr}")?;
        }
        writeln!(f, "--- exit {code}")
    }
}

/// Waits until something is so; it takes what it takes, but not for ever.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("not within a minute: {what}");
}

/// Does the same with each case, all at once: for what waits for time.
pub(crate) fn side_by_side<T: Send>(cases: impl IntoIterator<Item = T>, each: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        let each = &each;
        for case in cases {
            scope.spawn(move || each(case));
        }
    });
}

/// A program that goes on beside the test. It is killed when the test ends without it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: PathBuf,
    folder: String,
}

impl Running {
    /// Follows a child whose standard output is a pipe and whose standard error goes to the file `stderr`.
    pub(super) fn new(mut child: Child, stderr: PathBuf, folder: String) -> Running {
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Running { child, stdout, stderr, folder }
    }

    /// Waits for the next line of standard output; empty at its end.
    pub(crate) fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What stands on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    /// Sends a signal, and waits until the program has taken it.
    pub(crate) fn signal_taken(&self, signal: Signal) {
        self.signal(signal);
        let status = format!("/proc/{}/status", self.id());
        eventually("the signal is taken", || {
            let status = fs::read_to_string(&status).unwrap();
            let pending = |name| {
                let mask = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
                u64::from_str_radix(mask.trim(), 16).unwrap()
            };
            pending("ShdPnd:") == 0 && pending("SigPnd:") == 0
        });
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        rustix::process::kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end; standard output is what [`Running::next_line`] has left.
    pub(crate) fn finish(mut self) -> Run {
        let mut stdout = Vec::new();
        self.stdout.read_to_end(&mut stdout).unwrap();
        let status = self.child.wait().unwrap();
        Run::new(&stdout, &fs::read(&self.stderr).unwrap(), status, &self.folder)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails when it has ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
