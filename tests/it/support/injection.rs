//! Runs callq under strace, which breaks a system call of it.

use std::fs;

use super::{Bench, Run, noting, takes_long_tests};

/// How many steps a sweep goes on at once: all are taken when there is time.
pub(crate) fn stride() -> usize {
    if takes_long_tests() { 1 } else { 7 }
}

impl Bench {
    /// Three leads that are due, and a dispatcher that notes its calls.
    pub(crate) fn due() -> Bench {
        let mut bench = Bench::dialling();
        bench.script("dispatch", &noting(""));
        bench.configure(&Bench::always_open("kind = \"command\"\ncommand = [\"./dispatch\"]"));
        for lead in ["a", "b", "c"] {
            bench.run(["add", "-c", "acme", lead, "--phone", "+15550100017"]).expect_code(0);
        }
        bench
    }

    /// Runs callq, but not what it starts, with `injection` at the system calls `calls` in the notation of strace. Gives
    /// back how it ended, and whether the injection took place.
    pub(crate) fn run_injected(&self, calls: &str, injection: &str, arguments: &[&str], input: &str) -> (Run, bool) {
        let trace = self.path("trace");
        let mut words: Vec<String> = ["-f", "-b", "execve", "-qq", "-o"].map(str::to_owned).to_vec();
        words.push(trace.to_str().unwrap().to_owned());
        words.extend([
            "-e".to_owned(),
            format!("trace={calls}"),
            "-e".to_owned(),
            format!("inject={calls}:{injection}"),
        ]);
        words.extend([env!("CARGO_BIN_EXE_callq"), "--db", self.database().to_str().unwrap()].map(str::to_owned));
        words.extend(arguments.iter().map(ToString::to_string));
        let run = self.run_program("strace", &words, input);
        let trace = fs::read_to_string(&trace).unwrap_or_default();
        (run, trace.contains("+++ killed by SIGKILL") || trace.contains("(INJECTED)"))
    }
}
