//! Pages that show commands: README.md and the hand-written manual pages, read as their blocks, and run at a reader's home.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::Sandbox;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A block of a page. Its kind is `console` (commands and what they print), `console,…` (a test of its own runs it), `run`
/// (commands that a reader does not see), `toml`, `sh`, or a language and a file: a part of that file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) text: String,
    /// The lines of the text in the page, from 0.
    lines: std::ops::Range<usize>,
}

impl Block {
    /// The commands of a console block, each with the output that is shown below it.
    pub(crate) fn commands(&self) -> Vec<(&str, &str)> {
        let commands = self.text.split("\n$ ").map(|entry| entry.trim_start_matches("$ "));
        commands.map(|entry| entry.split_once('\n').unwrap_or((entry, ""))).collect()
    }
}

/// A page and its blocks.
#[derive(Debug)]
pub(crate) struct Page {
    path: PathBuf,
    lines: Vec<String>,
    is_manual: bool,
}

impl Page {
    /// Reads a page by its path in the repository: Markdown, or a manual page in mdoc.
    pub(crate) fn open(name: &str) -> Page {
        let path = root().join(name);
        let text = fs::read_to_string(&path).unwrap();
        Page::of(path, &text)
    }

    fn of(path: PathBuf, text: &str) -> Page {
        let is_manual = path.extension().is_some_and(|extension| extension != "md");
        Page { path, lines: text.lines().map(str::to_owned).collect(), is_manual }
    }

    /// The hand-written pages of the manual.
    pub(crate) fn manual() -> Vec<Page> {
        let files = fs::read_dir(root().join("man")).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name.ends_with(".7"));
        names.sort();
        names.iter().map(|name| Page::open(&format!("man/{name}"))).collect()
    }

    /// Its file's name.
    pub(crate) fn name(&self) -> &str {
        self.path.file_name().unwrap().to_str().unwrap()
    }

    pub(crate) fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Its blocks in their order.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut kind, mut index) = (Vec::new(), None, 0);
        while index < self.lines.len() {
            let line = self.lines[index].as_str();
            index += 1;
            if let Some(command) = self.unseen(line) {
                blocks.push(Block { kind: "run".to_owned(), text: command.to_owned(), lines: index..index });
            } else if let Some(next) = line.strip_prefix(".\\\" show: ").filter(|_| self.is_manual) {
                kind = Some(next.to_owned());
            } else if let Some(found) = self.opened(line, &mut kind) {
                let start = index;
                index += self.lines[start..].iter().position(|line| line == self.end()).unwrap();
                let text: Vec<String> = self.lines[start..index].iter().map(|line| self.read(line)).collect();
                blocks.push(Block { kind: found, text: text.join("\n"), lines: start..index });
                index += 1;
            }
        }
        blocks
    }

    /// The commands of a line that a reader does not see.
    fn unseen<'a>(&self, line: &'a str) -> Option<&'a str> {
        match self.is_manual {
            true => line.strip_prefix(".\\\" run: "),
            false => line.strip_prefix("<!-- run: ")?.strip_suffix(" -->"),
        }
    }

    /// The kind of the block that a line opens.
    fn opened(&self, line: &str, kind: &mut Option<String>) -> Option<String> {
        match self.is_manual {
            true => line.starts_with(".Bd ").then(|| kind.take().unwrap_or_else(|| "console".to_owned())),
            false => line.strip_prefix("```").map(str::to_owned),
        }
    }

    fn end(&self) -> &'static str {
        if self.is_manual { ".Ed" } else { "```" }
    }

    /// A line of a block as a reader sees it.
    fn read(&self, line: &str) -> String {
        match self.is_manual {
            true => line.strip_prefix("\\&").unwrap_or(line).replace("\\-", "-").replace("\\e", "\\"),
            false => line.to_owned(),
        }
    }

    /// A line as the page has it.
    fn written(&self, line: &str) -> String {
        if !self.is_manual {
            return line.to_owned();
        }
        let escaped = line.replace('\\', "\\e").replace('-', "\\-");
        if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
    }

    /// Runs its commands at a reader's home, and gives what is not printed as it is shown. With `UPDATE_GENERATED` it writes
    /// what is printed into the page instead.
    pub(crate) fn faults(&self) -> Vec<String> {
        let sandbox = home();
        let (mut faults, mut lines) = (Vec::new(), self.lines.clone());
        // From the last to the first, so that what is replaced moves no line of another block.
        let mut replaced = Vec::new();
        for block in self.blocks() {
            match block.kind.as_str() {
                "run" => drop(printed(&sandbox, &block.text)),
                "console" => {
                    let mut real = Vec::new();
                    for (command, shown) in block.commands() {
                        let printed = printed(&sandbox, command);
                        let is_right = agrees(shown, &printed);
                        if !is_right {
                            let (name, shown) = (self.name(), shown.trim_end());
                            faults.push(format!("$ {command}\n--- {name}\n{shown}\n--- really\n{printed}"));
                        }
                        let shown = if is_right { shown } else { &printed };
                        real.push(format!("$ {command}\n{shown}").trim_end().to_owned());
                    }
                    replaced.push((block.lines, real.join("\n\n")));
                }
                _ => {}
            }
        }
        if std::env::var_os("UPDATE_GENERATED").is_none() || faults.is_empty() {
            return faults;
        }
        for (range, text) in replaced.into_iter().rev() {
            drop(lines.splice(range, text.lines().map(|line| self.written(line))));
        }
        fs::write(&self.path, lines.join("\n") + "\n").unwrap();
        Vec::new()
    }
}

/// The home of somebody who reads a page: callq on the path, the examples at hand, Monday at 10:00 in New York.
fn home() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("CALLQ_CONFIG");
    let folder = sandbox.folder().to_owned();
    sandbox.set("HOME", folder);
    sandbox.set("USER", "ann");
    fs::set_permissions(sandbox.folder(), fs::Permissions::from_mode(0o700)).unwrap();
    copy_examples(&sandbox);
    put_callq_on_the_path(&mut sandbox);
    sandbox
}

/// Whoever owns the repository, and whatever the umask of its clone: callq starts no program that others may write.
fn copy_examples(sandbox: &Sandbox) {
    fs::create_dir(sandbox.path("examples")).unwrap();
    for example in fs::read_dir(root().join("examples")).unwrap().map(Result::unwrap) {
        let mode = example.metadata().unwrap().permissions().mode() & !0o022;
        let copy = sandbox.path("examples").join(example.file_name());
        fs::copy(example.path(), &copy).unwrap();
        fs::set_permissions(copy, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn put_callq_on_the_path(sandbox: &mut Sandbox) {
    fs::create_dir(sandbox.path("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_callq"), sandbox.path("bin/callq")).unwrap();
    sandbox.set("PATH", format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap()));
}

/// What a command of a page prints, on both streams.
pub(crate) fn printed(sandbox: &Sandbox, command: &str) -> String {
    let home = sandbox.folder().to_str().unwrap();
    let command = command.replace("/home/ann", home);
    let run = sandbox.run_program("sh", ["-c", &format!("exec 2>&1\n{command}")], "");
    run.stdout.replace("[FOLDER]", "/home/ann").trim_end().to_owned()
}

/// Whether a command printed what is shown, where `[..]` stands for anything on its line.
fn agrees(shown: &str, printed: &str) -> bool {
    let line_agrees = |(shown, printed): (&str, &str)| {
        let Some((before, after)) = shown.split_once("[..]") else { return shown == printed };
        printed.len() >= before.len() + after.len() && printed.starts_with(before) && printed.ends_with(after)
    };
    let (shown, printed) = (shown.trim_end(), printed.trim_end());
    shown.lines().count() == printed.lines().count() && shown.lines().zip(printed.lines()).all(line_agrees)
}

#[test]
fn blocks_and_commands_are_found() {
    let console = "```console\n$ callq list\na\n\nb\n\n$ callq why 1\n```";
    let page = format!("text\n<!-- run: true -->\n{console}\n\n```sh examples/x\n$ no\n```\n");
    let blocks = Page::of("page.md".into(), &page).blocks();
    let found: Vec<(&str, &str)> = blocks.iter().map(|block| (block.kind.as_str(), block.text.as_str())).collect();
    assert_eq!(
        found,
        [("run", "true"), ("console", "$ callq list\na\n\nb\n\n$ callq why 1"), ("sh examples/x", "$ no")]
    );
    assert_eq!(blocks[1].commands(), [("callq list", "a\n\nb\n"), ("callq why 1", "")]);
    let page =
        ".Sh X\n.\\\" run: true\n.Bd -literal\n$ a \\-b \\e\n\\&.c\n.Ed\n.\\\" show: toml\n.Bd -literal\nd = 1\n.Ed\n";
    let page = Page::of("page.7".into(), page);
    let blocks = page.blocks();
    let found: Vec<(&str, &str)> = blocks.iter().map(|block| (block.kind.as_str(), block.text.as_str())).collect();
    assert_eq!(found, [("run", "true"), ("console", "$ a -b \\\n.c"), ("toml", "d = 1")]);
    assert_eq!((page.written("$ a -b \\"), page.written(".c")), ("$ a \\-b \\e".to_owned(), "\\&.c".to_owned()));
    assert_eq!(printed(&home(), "callq config path; nonsense 2> /dev/null || echo $?"), format!("{PATH}\n127"));
}

#[test]
fn what_is_shown_agrees_or_does_not() {
    assert!(agrees("a\nb [..] c\n", "a\nb 12 ms c"));
    for printed in ["a", "a\nb 1 d", "a\nb 1 c\nd", "b\nb 1 c"] {
        assert!(!agrees("a\nb [..] c", printed), "{printed}");
    }
}

const PATH: &str = "/home/ann/.config/callq/config.toml";
