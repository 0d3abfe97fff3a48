//! Who has a file open, as far as the operating system shows it: on Linux, the processes of this user, or all to root.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A process that has a file open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub process: u32,
    /// Its name, such as `sleep`.
    pub name: String,
    /// Whether it is a run of this program.
    pub is_ours: bool,
}

/// The other processes that have a file open; of a file that cannot be seen, none.
pub(super) fn holders(path: &Path) -> Vec<Holder> {
    let (Ok(wanted), Ok(processes)) = (fs::metadata(path), fs::read_dir("/proc")) else { return Vec::new() };
    let ours = name_of(Path::new("/proc/self"));
    let mut found = Vec::new();
    for entry in processes.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if process != std::process::id() && has_open(&entry.path(), &wanted) {
            let name = name_of(&entry.path());
            let is_ours = name == ours;
            found.push(Holder { process, name: name.unwrap_or_default(), is_ours });
        }
    }
    found.sort_by_key(|holder| holder.process);
    found
}

/// Whether a process has a file open. Nothing is known of other users' processes.
fn has_open(process: &Path, wanted: &Metadata) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else { return false };
    let same = |found: Metadata| (found.dev(), found.ino()) == (wanted.dev(), wanted.ino());
    files.flatten().any(|file| fs::metadata(file.path()).is_ok_and(same))
}

/// The name of a process. It gives that to itself, so that control characters are dropped.
fn name_of(process: &Path) -> Option<String> {
    let name = fs::read(process.join("comm")).ok()?;
    Some(String::from_utf8_lossy(&name).chars().filter(|c| !c.is_control()).collect())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_that_has_the_file_open_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lease");
        let file = File::create(&path).unwrap();
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(file).spawn().unwrap();
        // Until it executes, it is a copy of this process.
        let expected = Holder { process: child.id(), name: "cat".to_owned(), is_ours: false };
        while !holders(&path).contains(&expected) {
            std::thread::yield_now();
        }
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(holders(&folder.path().join("none")), []);
    }
}
