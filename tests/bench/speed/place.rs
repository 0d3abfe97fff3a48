//! A folder of its own with a configuration and databases, and the programs that run on them.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::time;

/// The program that is measured, unless the variable `CALLQ_BENCH` names another build of it.
const CALLQ: &str = env!("CARGO_BIN_EXE_callq");

/// Clients that may be called at any time; how, comes behind it.
const ALWAYS_OPEN: &str = "[defaults]
timezone = \"UTC\"
law = { purpose = \"service\", voice = \"human\" }
active_days = [\"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"]
max_concurrent = 5
[defaults.business_hours]
start = \"00:00\"
end = \"24:00\"
[defaults.calling_hours]
start = \"00:00\"
end = \"24:00\"
[defaults.dispatch]
";

/// Where everything of one bench lies, with copies of the programs, as `cargo install` makes them: a file that is copied has
/// its pages in long pieces of memory, one that the linker wrote has not, and so starts later.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A folder whose clients play their calls.
    pub(crate) fn new() -> Place {
        let folder = tempfile::Builder::new().prefix("callq-bench-").tempdir().unwrap_or_else(|e| panic!("{e}"));
        let place = Place { folder };
        let callq = std::env::var_os("CALLQ_BENCH").unwrap_or_else(|| CALLQ.into());
        place.install(callq, "callq");
        place.install(std::env::current_exe().unwrap_or_else(|e| panic!("{e}")), "reference");
        DirBuilder::new().mode(0o700).create(place.path("config")).unwrap_or_else(|e| panic!("{e}"));
        place.dispatch("kind = \"simulate\"");
        place
    }

    fn install(&self, program: impl AsRef<Path>, name: &str) {
        fs::copy(program, self.path(name)).unwrap_or_else(|e| panic!("{e}"));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Configures how calls are placed.
    pub(crate) fn dispatch(&self, toml: &str) {
        self.configure(&format!("{ALWAYS_OPEN}{toml}\n"));
    }

    /// Writes the configuration anew.
    pub(crate) fn configure(&self, toml: &str) {
        let path = self.path("config/config.toml");
        fs::write(&path, toml).unwrap_or_else(|e| panic!("{e}"));
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap_or_else(|e| panic!("{e}"));
    }

    /// callq on the database `name`.
    pub(crate) fn callq<S: AsRef<OsStr>>(&self, name: &str, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.bare_callq(["--db"]);
        command.arg(self.path(name)).args(arguments);
        command
    }

    /// callq without a database.
    pub(crate) fn bare_callq<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program(self.path("callq"));
        command.args(arguments);
        command
    }

    /// callq on a database with history, at the moment at which the history ends.
    pub(crate) fn callq_in_history<S: AsRef<OsStr>>(
        &self,
        name: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = self.callq(name, arguments);
        command.env("CALLQ_NOW", "2026-11-23T15:00:00Z");
        command
    }

    /// A reference program on the database `name`.
    pub(crate) fn reference(&self, mode: &str, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.program(self.path("reference"));
        command.arg("reference").arg(mode).arg(self.path(name)).args(arguments);
        command
    }

    /// Any program, in the environment of all.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("CALLQ_CONFIG", self.path("config/config.toml")).current_dir(self.folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
        command
    }

    /// A program that does nothing, compiled as callq is.
    pub(crate) fn empty_program(&self) -> PathBuf {
        let source = self.path("empty.rs");
        fs::write(&source, "fn main() {}\n").unwrap_or_else(|e| panic!("{e}"));
        let mut rustc = Command::new("rustc");
        rustc.args(["-Copt-level=3", "-Clto=fat", "-Ccodegen-units=1", "-Cstrip=symbols", "-o"]);
        time({
            rustc.arg(self.path("linked")).arg(source);
            rustc
        });
        self.install(self.path("linked"), "empty");
        self.path("empty")
    }

    /// A file of leads, as JSON lines or as CSV.
    pub(crate) fn leads(&self, name: &str, count: usize) -> PathBuf {
        let path = self.path(name);
        let file = File::create(&path).unwrap_or_else(|e| panic!("{e}"));
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let is_csv = name.ends_with(".csv");
        if is_csv {
            let _ = writeln!(out, "lead_id,phone,first_name,campaign");
        }
        for n in 0..count {
            let _ = if is_csv {
                writeln!(out, "lead-{n:08},+1212{:07},Name{n},autumn", 2_000_000 + n)
            } else {
                let metadata = format!("{{\"first_name\":\"Name{n}\",\"campaign\":\"autumn\"}}");
                writeln!(
                    out,
                    "{{\"lead_id\":\"lead-{n:08}\",\"phone\":\"+1212{:07}\",\"metadata\":{metadata}}}",
                    2_000_000 + n
                )
            };
        }
        out.flush().unwrap_or_else(|e| panic!("{e}"));
        path
    }

    /// Queues `count` leads for each of `clients`, at `at`.
    pub(crate) fn queue(&self, name: &str, clients: usize, count: usize, at: &str) {
        let file = self.leads(&format!("{count}.jsonl"), count);
        for client in 0..clients {
            let client = if client == 0 { "acme".to_owned() } else { format!("client-{client}") };
            let file = file.to_str().unwrap_or_default();
            time(self.callq(name, ["-q", "schedule-batch", "-c", &client, "--at", at, "-f", file]));
        }
    }

    /// Puts a copy of the database `from` in the place of `to`.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        self.remove(to);
        fs::copy(self.path(from), self.path(to)).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Removes a database and what lies beside it.
    pub(crate) fn remove(&self, name: &str) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(self.path(&format!("{name}{suffix}")));
        }
        let _ = fs::remove_dir_all(self.path(&format!("{name}.leases")));
    }
}
