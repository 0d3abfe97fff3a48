//! Who has a file open, as far as the operating system shows it: on Linux, the processes of this user, or all to root.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A process that has a file open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub process: u32,
    /// Its name, such as `sleep`.
    pub name: String,
    /// Whether it is a run of this program.
    pub is_ours: bool,
}

/// The other processes that have each of these files open; of a file that cannot be seen, none. One look at all processes.
pub(super) fn holders(paths: &[PathBuf]) -> Vec<Vec<Holder>> {
    let mut found = vec![Vec::new(); paths.len()];
    let wanted: HashMap<(u64, u64), usize> = paths
        .iter()
        .enumerate()
        .filter_map(|(index, path)| Some((identity(&fs::metadata(path).ok()?), index)))
        .collect();
    let Ok(processes) = fs::read_dir("/proc") else { return found };
    if wanted.is_empty() {
        return found;
    }
    let ours = name_of(Path::new("/proc/self"));
    for entry in processes.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if process == std::process::id() {
            continue;
        }
        for index in open_files(&entry.path()).iter().filter_map(|file| wanted.get(file)) {
            let name = name_of(&entry.path());
            let is_ours = name == ours;
            found[*index].push(Holder { process, name: name.unwrap_or_default(), is_ours });
        }
    }
    for holders in &mut found {
        holders.sort_by_key(|holder| holder.process);
    }
    found
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// The files that a process has open, each once. Nothing is known of other users' processes.
fn open_files(process: &Path) -> BTreeSet<(u64, u64)> {
    let Ok(files) = fs::read_dir(process.join("fd")) else { return BTreeSet::new() };
    files.flatten().filter_map(|file| Some(identity(&fs::metadata(file.path()).ok()?))).collect()
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
        let paths = [folder.path().join("none"), path];
        while !holders(&paths)[1].contains(&expected) {
            std::thread::yield_now();
        }
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(holders(&paths)[0], []);
    }
}
