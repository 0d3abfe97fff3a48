//! A place to run callq in: a folder of its own, a cleared environment, a clock that stands still.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::inside;
use super::line::Arguments;
use super::run::{Run, Running, eventually};

/// The built program.
const CALLQ: &str = env!("CARGO_BIN_EXE_callq");

/// Monday, 10:00 in New York: inside of the default hours.
const NOW: &str = "2026-11-23T15:00:00Z";

/// Everything that a run of callq may depend on.
#[derive(Debug)]
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
    variables: BTreeMap<OsString, OsString>,
}

impl Sandbox {
    /// An empty queue, an empty configuration, Monday 2026-11-23 at 15:00 UTC, a machine in an odd zone and the C
    /// locale, no home directory. Nothing of the caller's environment is seen but `PATH`.
    pub(crate) fn new() -> Sandbox {
        // Under umask 002 what a test writes would be open to the group, and so be refused.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        let folder = tempfile::Builder::new().prefix("callq-").tempdir().unwrap();
        let mut sandbox = Sandbox { folder, variables: BTreeMap::new() };
        sandbox.set("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
        for (name, value) in [("TZ", "Pacific/Chatham"), ("LANG", "C"), ("LC_ALL", "C"), ("CALLQ_NOW", NOW)] {
            sandbox.set(name, value);
        }
        sandbox.configure("");
        sandbox
    }

    /// Another sandbox with the same files, configuration and environment. No callq may run on this one.
    pub(crate) fn copy(&self) -> Sandbox {
        let mut copy = Sandbox::new();
        copy_folder(self.folder.path(), copy.folder.path());
        copy.variables = self.variables.clone();
        copy.set("CALLQ_CONFIG", copy.path("config/config.toml"));
        copy
    }

    /// Sets the clock, in RFC 3339.
    pub(crate) fn set_now(&mut self, instant: &str) {
        self.set("CALLQ_NOW", instant);
    }

    /// Sets a variable of the environment.
    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.variables.insert(name.into(), value.as_ref().to_owned());
    }

    /// Removes a variable: `CALLQ_NOW` for the machine's clock, `CALLQ_CONFIG` for the default place.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(OsStr::new(name));
    }

    /// The sandbox's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the sandbox's folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The database of [`Sandbox::run`].
    pub(crate) fn database(&self) -> PathBuf {
        self.path("queue.db")
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes the configuration that the runs read: a private file in a private folder, as callq demands.
    pub(crate) fn configure(&mut self, toml: &str) -> PathBuf {
        DirBuilder::new().recursive(true).mode(0o700).create(self.path("config")).unwrap();
        let path = self.write("config/config.toml", toml);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        self.set("CALLQ_CONFIG", &path);
        path
    }

    /// Writes a POSIX shell script that can be run, such as a dispatcher.
    pub(crate) fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.write(name, format!("#!/bin/sh\n{body}\n"));
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Runs `process` until no call is open any more.
    pub(crate) fn wait_until_settled(&self) {
        eventually("every attempt is settled", || {
            self.run("process -q");
            self.run("list --status in_progress --json").json() == serde_json::json!([])
        });
    }

    /// Runs callq on the sandbox's database: in this process, unless it needs one of its own.
    pub(crate) fn run(&self, arguments: impl Arguments) -> Run {
        self.run_with_input(arguments, "")
    }

    /// Runs callq on the sandbox's database, with a text on standard input.
    pub(crate) fn run_with_input(&self, arguments: impl Arguments, input: impl AsRef<[u8]>) -> Run {
        let words = arguments.words();
        let inside = if self.needs_a_process(&words) { None } else { self.run_inside(&words, input.as_ref()) };
        inside.unwrap_or_else(|| self.finish(self.callq(words), input.as_ref()))
    }

    /// Runs the built program on the sandbox's database, for what only a process of its own shows.
    pub(crate) fn run_built(&self, arguments: impl Arguments) -> Run {
        self.finish(self.callq(arguments), b"")
    }

    /// Whether a run starts programs, takes signals, or asks the operating system about its own process.
    fn needs_a_process(&self, words: &[OsString]) -> bool {
        let any = |is_so: &dyn Fn(&str) -> bool| words.iter().any(|word| is_so(&word.to_string_lossy()));
        // Programs inherit the lock of their call, and tests beside this one start programs too.
        let runs_calls = any(&|word| word == "process") && self.may_call_by_a_program();
        let edits = any(&|word| word == "edit");
        let goes_on = any(&|word| word == "watch" || word.starts_with("--watch"));
        // The package that knows the folders of the user reads the environment of the process itself.
        let has_home = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"].map(OsStr::new);
        let has_home = has_home.into_iter().any(|name| self.variables.contains_key(name));
        let names_a_stream = any(&|word| word.contains("/dev/") || word.contains("/proc/"));
        // So do hooks.
        let tells = any(&|word| word == "deliver") && self.configuration().contains("[[hooks]]");
        runs_calls || tells || edits || goes_on || has_home || names_a_stream
    }

    /// Whether the configuration lets a program or a provider place the calls.
    fn may_call_by_a_program(&self) -> bool {
        let text = self.configuration();
        text.contains("[[hooks]]")
            || !text.contains("\"simulate\"")
            || text.contains("\"command\"")
            || text.contains("\"retell\"")
    }

    fn configuration(&self) -> String {
        let path = self.variables.get(OsStr::new("CALLQ_CONFIG")).map_or_else(PathBuf::new, PathBuf::from);
        fs::read_to_string(path).unwrap_or_default()
    }

    fn run_inside(&self, words: &[OsString], input: &[u8]) -> Option<Run> {
        let start = [CALLQ.into(), "--db".into(), self.database().into_os_string()];
        let arguments = start.into_iter().chain(words.iter().cloned()).collect();
        let environment = self.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let printed = inside::run(self.folder.path(), arguments, environment, input)?;
        Some(Run::with_code(&printed.stdout, &printed.stderr, printed.code, &self.folder_text()))
    }

    /// Runs any program in the same environment.
    pub(crate) fn run_program<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
        input: impl AsRef<[u8]>,
    ) -> Run {
        self.finish(self.command(program.as_ref(), arguments), input.as_ref())
    }

    /// Starts callq on the sandbox's database and lets it go on.
    pub(crate) fn spawn(&self, arguments: impl Arguments) -> Running {
        self.start(self.callq(arguments))
    }

    /// Starts any program in the same environment and lets it go on.
    pub(crate) fn spawn_program<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Running {
        self.start(self.command(program.as_ref(), arguments))
    }

    /// callq as a command, for what the sandbox has no word for.
    pub(crate) fn callq(&self, arguments: impl Arguments) -> Command {
        let mut command = self.command(CALLQ.as_ref(), ["--db".as_ref(), self.database().as_os_str()]);
        command.args(arguments.words());
        command
    }

    pub(super) fn command<S: AsRef<OsStr>>(&self, program: &OsStr, arguments: impl IntoIterator<Item = S>) -> Command {
        // Whatever the caller of the tests ignores, as under `nohup`.
        callq::interrupt::handle_ignored().unwrap();
        let mut command = Command::new(self.on_path(program));
        command.args(arguments).env_clear().envs(&self.variables).current_dir(self.folder.path());
        command
    }

    /// Where a program lies. A name alone beside an environment of its own makes the standard library fork, which copies the
    /// page tables of the tests: a fifth of their time.
    fn on_path(&self, program: &OsStr) -> PathBuf {
        let name = Path::new(program);
        let path = self.variables.get(OsStr::new("PATH")).filter(|_| name.components().count() == 1);
        let mut found = path.into_iter().flat_map(std::env::split_paths).map(|folder| folder.join(name));
        found.find(|file| file.is_file()).unwrap_or_else(|| name.to_owned())
    }

    pub(super) fn finish(&self, mut command: Command, input: &[u8]) -> Run {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = thread::scope(|scope| {
            // A program may end without reading its input.
            scope.spawn(move || stdin.write_all(input).ok());
            child.wait_with_output().unwrap()
        });
        Run::new(&output.stdout, &output.stderr, output.status, &self.folder_text())
    }

    fn start(&self, mut command: Command) -> Running {
        let (file, path) = tempfile::NamedTempFile::new_in(self.folder.path()).unwrap().keep().unwrap();
        let file: File = file;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
        Running::new(command.spawn().unwrap(), path, self.folder_text())
    }

    fn folder_text(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
            copy_folder(&source, &target);
        } else {
            fs::copy(&source, &target).unwrap();
        }
    }
}
