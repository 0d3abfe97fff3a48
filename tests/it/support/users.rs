//! Runs of callq by another user, which only root can start.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::line::Arguments;
use super::needs::skipped;
use super::run::Run;
use super::sandbox::Sandbox;

/// A user that owns nothing.
pub(crate) const NOBODY: u32 = 65_534;

/// Whether this is root. A test that needs a second user is skipped for all others, which is said.
pub(crate) fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skipped("only root can be another user");
    }
    root
}

impl Sandbox {
    /// Runs callq on the sandbox's database as nobody, by a copy in the sandbox's folder: the built one may lie where nobody
    /// may look.
    pub(crate) fn run_as_nobody(&self, arguments: impl Arguments) -> Run {
        let copy = self.path("callq");
        if !copy.exists() {
            // By another process: a program that another test starts now would hold our own copy open for writing.
            let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_callq")).arg(&copy).status();
            assert!(copied.unwrap().success());
            fs::set_permissions(&copy, Permissions::from_mode(0o755)).unwrap();
        }
        let database = self.database();
        let mut command = self.command(copy.as_os_str(), ["--db".as_ref(), database.as_os_str()]);
        command.args(arguments.words());
        command.uid(NOBODY).gid(NOBODY);
        self.finish(command, b"")
    }

    /// Gives a file or folder of the sandbox to nobody.
    pub(crate) fn give_to_nobody(&self, name: &str) {
        std::os::unix::fs::chown(self.path(name), Some(NOBODY), Some(NOBODY)).unwrap();
    }
}
