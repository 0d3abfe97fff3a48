//! Reads Rust source as far as the architecture tests need it: which paths a file names, outside of comments and texts.

use std::fs;
use std::path::{Path, PathBuf};

/// A path as written, such as `crate::model::Item`: its segments.
pub(crate) type Segments = Vec<String>;

/// A source file without comments, string texts and test modules.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its path from the repository's root, with `/`.
    pub(crate) name: String,
    /// The text as it stands in the file.
    pub(crate) text: String,
    /// The code without comments and texts.
    pub(crate) code: String,
    tokens: Vec<String>,
}

impl Source {
    /// Reads a text as the file `name`.
    pub(crate) fn new(name: &str, text: &str) -> Source {
        let code = code_of(text);
        // Test modules stand at the end of a file by convention; tests may look at more than the code they check.
        let tokens = tokens_of(code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default());
        Source { name: name.to_owned(), text: text.to_owned(), code, tokens }
    }

    /// Reads a file of the repository.
    pub(crate) fn read(root: &Path, path: &Path) -> Source {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        Source::new(&name, &fs::read_to_string(path).unwrap())
    }

    /// The module that the file holds: `store::claim` for `src/store/claim.rs`; empty for the crate's root.
    pub(crate) fn module(&self) -> Segments {
        let path = self.name.trim_start_matches("src/").trim_end_matches(".rs");
        let segments: Segments = path.split('/').filter(|part| *part != "mod").map(str::to_owned).collect();
        if segments == ["lib"] { Vec::new() } else { segments }
    }

    /// Every path that the code names, those of `use` trees one by one. Re-exports (`pub use`) are left out on demand.
    pub(crate) fn paths(&self, with_reexports: bool) -> Vec<Segments> {
        let mut paths = Vec::new();
        let mut index = 0;
        while index < self.tokens.len() {
            let at = |offset: usize| self.tokens.get(index + offset).map_or("", String::as_str);
            match at(0) {
                "use" => {
                    let before = &self.tokens[..index];
                    let reexport = before.last().is_some_and(|token| token == "pub")
                        || before.ends_with(&["crate".to_owned(), ")".to_owned()])
                        || before.ends_with(&["super".to_owned(), ")".to_owned()]);
                    let mut found = Vec::new();
                    index = self.tree(index + 1, &[], &mut found);
                    if with_reexports || !reexport {
                        paths.append(&mut found);
                    }
                }
                token if is_name(token) && at(1) == "::" => {
                    let mut found = Vec::new();
                    index = self.tree(index, &[], &mut found);
                    paths.append(&mut found);
                }
                _ => index += 1,
            }
        }
        paths
    }

    /// Reads a path or a tree of paths from token `index` on, and gives back the index behind it.
    fn tree(&self, mut index: usize, prefix: &[String], found: &mut Vec<Segments>) -> usize {
        let mut path = prefix.to_vec();
        loop {
            match self.tokens.get(index).map(String::as_str) {
                Some("::") => index += 1,
                Some("{") => {
                    index += 1;
                    while self.tokens.get(index).is_some_and(|token| token != "}") {
                        index = match self.tokens[index].as_str() {
                            "," => index + 1,
                            _ => self.tree(index, &path, found),
                        };
                    }
                    return index + 1;
                }
                Some(name) if is_name(name) => {
                    path.push(name.to_owned());
                    index += 1;
                    if self.tokens.get(index).is_none_or(|token| token != "::") {
                        break;
                    }
                }
                _ => {
                    index += 1;
                    break;
                }
            }
        }
        if self.tokens.get(index).is_some_and(|token| token == "as") {
            index += 2;
        }
        found.push(path);
        index
    }
}

/// Every Rust file below a folder, in order.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn tokens_of(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let name = rest.find(|other: char| !other.is_alphanumeric() && other != '_').unwrap_or(rest.len());
        let length = if name > 0 {
            name
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, behind) = rest.split_at(length);
        if !token.trim().is_empty() {
            tokens.push(token.to_owned());
        }
        rest = behind;
    }
    tokens
}

/// The text with comments, strings and characters made empty.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let raw_hashes = rest.strip_prefix('r').map(|tail| tail.len() - tail.trim_start_matches('#').len());
        let in_name = code.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_hashes.filter(|count| !in_name && rest[1 + count..].starts_with('"')) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            code.push_str("\"\"");
            rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len())
        } else if first == '"' {
            code.push_str("\"\"");
            end_of_quoted(rest, '"')
        } else if let Some(length) = character(rest) {
            length
        } else {
            code.push(first);
            first.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// The string texts of some code, their lines joined where one ends with a backslash; raw ones and those in comments are
/// left out.
pub(crate) fn texts_of(text: &str) -> Vec<String> {
    let (mut texts, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            let end = end_of_quoted(rest, '"');
            texts.push(rest[1..(end - 1).max(1)].replace("\\\n", " "));
            end
        } else {
            character(rest).unwrap_or(first.len_utf8())
        };
        rest = &rest[skipped..];
    }
    texts
}

/// The length of a quoted text with its quotes.
fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal, when the text begins with one and not with a lifetime.
fn character(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    let closed = inner[first.len_utf8()..].starts_with('\'');
    (first == '\\' || closed).then(|| end_of_quoted(text, '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        Source::new("src/x.rs", text).paths(true).iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn trees_are_taken_apart() {
        let text = "use crate::{model::{Item, ids::{self, ItemId as Id}}, store};\nuse super::draft::*;\nuse rusqlite;";
        assert_eq!(
            paths(text),
            [
                "crate::model::Item",
                "crate::model::ids::self",
                "crate::model::ids::ItemId",
                "crate::store",
                "super::draft",
                "rusqlite"
            ]
        );
    }

    #[test]
    fn paths_in_expressions_count_and_comments_and_texts_do_not() {
        let text = r##"
            //! See crate::a.
            fn f<'a>(x: &'a crate::b::X) -> crate::c::Y { /* crate::d */ let _ = "crate::e \" crate::f"; '"'; '\''; g::h(2) }
            const T: &str = r#"crate::i "quoted" crate::j"#;
        "##;
        assert_eq!(paths(text), ["crate::b::X", "crate::c::Y", "g::h"]);
    }

    #[test]
    fn texts_are_those_outside_of_comments() {
        let text = r#"f('"', "a \" b"); // "c" "#.to_owned() + "\n\"d\\\n e\"";
        assert_eq!(texts_of(&text), [r#"a \" b"#, "d  e"]);
    }

    #[test]
    fn re_exports_and_test_modules_can_be_told_apart() {
        let text =
            "mod a;\npub use a::A;\npub(crate) use b::B;\nuse c::C;\n#[cfg(test)]\nmod tests {\n use crate::d;\n}";
        assert_eq!(paths(text), ["a::A", "b::B", "c::C"]);
        assert_eq!(Source::new("src/x.rs", text).paths(false), [["c", "C"]]);
    }

    #[test]
    fn a_file_names_its_module() {
        let module = |name| Source::new(name, "").module().join("::");
        assert_eq!(module("src/lib.rs"), "");
        assert_eq!(module("src/store/mod.rs"), "store");
        assert_eq!(module("src/store/claim.rs"), "store::claim");
        assert_eq!(module("src/clock.rs"), "clock");
    }
}
