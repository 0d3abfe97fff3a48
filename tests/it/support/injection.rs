//! Runs callq under strace, which tells of its system calls, or breaks one.

use std::fs;

use super::{Run, Sandbox, noting, takes_long_tests};

/// How many steps a sweep goes on at once: all are taken when there is time.
pub(crate) fn stride() -> usize {
    if takes_long_tests() { 1 } else { 7 }
}

impl Sandbox {
    /// Three leads that are due, and a dispatcher that notes its calls.
    pub(crate) fn due() -> Sandbox {
        let mut sandbox = Sandbox::dialling();
        sandbox.script("dispatch", &noting(""));
        sandbox.configure(&Sandbox::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]"));
        for lead in ["a", "b", "c"] {
            sandbox.run(["add", "-c", "acme", lead, "--phone", "+12125550117"]).expect_code(0);
        }
        sandbox
    }

    /// Runs callq, but not what it starts, with `injection` at the system calls `calls` in the notation of strace. Gives
    /// back how it ended, and whether the injection took place.
    pub(crate) fn run_injected(&self, calls: &str, injection: &str, arguments: &[&str], input: &str) -> (Run, bool) {
        let (shown, injected) = (format!("trace={calls}"), format!("inject={calls}:{injection}"));
        let flags = ["-f", "-b", "execve", "-qq", "-e", &shown, "-e", &injected];
        let (run, trace) = self.run_traced(&flags, arguments, input);
        (run, trace.contains("+++ killed by SIGKILL") || trace.contains("(INJECTED)"))
    }

    /// Runs callq under strace with `flags`. Gives back how it ended, and what strace wrote.
    pub(crate) fn run_traced(&self, flags: &[&str], arguments: &[&str], input: &str) -> (Run, String) {
        let (trace, database) = (self.path("trace"), self.database());
        let program = ["-o", trace.to_str().unwrap(), env!("CARGO_BIN_EXE_callq"), "--db", database.to_str().unwrap()];
        let run = self.run_program("strace", flags.iter().chain(&program).chain(arguments), input);
        (run, fs::read_to_string(&trace).unwrap_or_default())
    }
}
