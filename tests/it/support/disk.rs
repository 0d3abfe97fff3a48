//! A disk that forgets: follows a trace of system calls, and tells what would be left after a power loss at any point.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file as the programs see it, and as the disk would keep it.
#[derive(Debug, Clone, Default)]
struct Contents {
    seen: Option<Vec<u8>>,
    synced: Vec<u8>,
    /// Whether its name is on the disk: its folder was synced since the name was made, and not since it was removed.
    named: bool,
}

/// The files below one folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    files: BTreeMap<PathBuf, Contents>,
}

/// A system call of a trace: its process, its name, its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) name: String,
    arguments: Vec<Argument>,
}

/// An argument of a system call, as far as this looks at it.
#[derive(Debug, Clone)]
enum Argument {
    /// A file descriptor with its path, or a text.
    Text(Vec<u8>),
    Other(String),
}

/// The flags with which strace writes what [`calls`] reads.
pub(crate) const TRACE_FLAGS: [&str; 10] = [
    "-f",
    "-b",
    "execve",
    "-qq",
    "-y",
    "-xx",
    "-s",
    "1000000",
    "-e",
    "trace=openat,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,execve,exit_group",
];

/// The calls of a trace, in the order in which they were done; programs and the end are there when they begin.
pub(crate) fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished: HashMap<&str, String> = HashMap::new();
    let mut found = Vec::new();
    for line in trace.lines() {
        let (process, rest) = line.split_once(' ').unwrap();
        let rest = rest.trim_start();
        let begins_something = rest.starts_with("execve(") || rest.starts_with("exit_group(");
        if let Some(begun) = rest.strip_suffix("<unfinished ...>") {
            if begins_something {
                found.extend(call(begun));
            } else {
                unfinished.insert(process, begun.to_owned());
            }
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let end = resumed.split_once("resumed>").map_or("", |(_, end)| end);
            if let Some(begun) = unfinished.remove(process) {
                found.extend(call(&format!("{begun}{end}")));
            }
        } else {
            found.extend(call(rest));
        }
    }
    found
}

fn call(text: &str) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let failed = rest.rsplit_once(" = ").is_some_and(|(_, result)| result.starts_with("-1"));
    let arguments = rest.split(", ").map(argument).collect();
    (!failed).then(|| Call { name: name.to_owned(), arguments })
}

/// All texts are written in hexadecimal, so that no comma or quote stands in them.
fn argument(text: &str) -> Argument {
    let quoted = text.split_once('"').and_then(|(_, rest)| rest.split_once('"'));
    let named = || text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    match quoted.or_else(named) {
        Some((hexadecimal, _)) => Argument::Text(
            hexadecimal.split("\\x").skip(1).filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect(),
        ),
        None => Argument::Other(text.trim_end_matches(|c: char| c != ')').trim_end_matches(')').to_owned()),
    }
}

impl Call {
    /// The text, or the path of the file descriptor, at this place.
    pub(crate) fn text(&self, index: usize) -> String {
        match self.arguments.get(index) {
            Some(Argument::Text(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        }
    }

    fn bytes(&self, index: usize) -> &[u8] {
        match self.arguments.get(index) {
            Some(Argument::Text(bytes)) => bytes,
            _ => &[],
        }
    }

    fn number(&self, index: usize) -> usize {
        match self.arguments.get(index) {
            Some(Argument::Other(text)) => {
                let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().unwrap_or_else(|_| panic!("{text} is no number: {self:?}"))
            }
            other => panic!("{other:?} is no number: {self:?}"),
        }
    }

    fn creates(&self) -> bool {
        matches!(self.arguments.get(2), Some(Argument::Other(flags)) if flags.contains("O_CREAT"))
    }
}

impl Disk {
    /// The files of a folder, all of them safe.
    pub(crate) fn of(folder: &Path) -> Disk {
        let mut disk = Disk::default();
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            // In another process: here, closing the database would take the locks of this process's own connection away.
            let bytes = Command::new("cat").arg(entry.path()).output().unwrap().stdout;
            disk.files.insert(entry.path(), Contents { seen: Some(bytes.clone()), synced: bytes, named: true });
        }
        disk
    }

    /// Does what a call did.
    pub(crate) fn apply(&mut self, call: &Call) {
        match call.name.as_str() {
            "openat" if call.creates() => {
                let file = self.files.entry(PathBuf::from(call.text(1))).or_default();
                file.seen.get_or_insert_default();
            }
            "pwrite64" => {
                let (bytes, at) = (call.bytes(1).to_vec(), call.number(3));
                let seen = self.seen(call);
                seen.resize(seen.len().max(at + bytes.len()), 0);
                seen[at..at + bytes.len()].copy_from_slice(&bytes);
            }
            "ftruncate" => {
                let length = call.number(1);
                self.seen(call).resize(length, 0);
            }
            "fsync" | "fdatasync" => self.sync(Path::new(&call.text(0))),
            "unlink" => {
                if let Some(file) = self.files.get_mut(Path::new(&call.text(0))) {
                    file.seen = None;
                }
            }
            _ => {}
        }
    }

    fn seen(&mut self, call: &Call) -> &mut Vec<u8> {
        self.files.entry(PathBuf::from(call.text(0))).or_default().seen.get_or_insert_default()
    }

    fn sync(&mut self, path: &Path) {
        for (name, file) in &mut self.files {
            if name == path {
                file.synced = file.seen.clone().unwrap_or_default();
            } else if name.parent() == Some(path) {
                file.named = file.seen.is_some();
            }
        }
    }

    /// Writes what a power loss would leave of the files below `from` into `to`: only what was synced.
    pub(crate) fn after_power_loss(&self, from: &Path, to: &Path) {
        for (path, file) in self.files.iter().filter(|(_, file)| file.named) {
            if let Ok(name) = path.strip_prefix(from) {
                // The index of the log lives in memory only.
                if !path.to_str().unwrap().ends_with("-shm") {
                    fs::write(to.join(name), &file.synced).unwrap();
                }
            }
        }
    }
}
