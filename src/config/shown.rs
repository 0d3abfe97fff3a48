//! The lines of the sample that show a key in a comment: `# aging = 10.0`. A key is set at its place there, and shown again
//! when it is unset.

/// The text of `sample-config.toml`: every key, commented out, at its built-in value.
pub const SAMPLE: &str = include_str!("../../sample-config.toml");

/// What stands before a key that is shown.
const MARK: &str = "# ";

/// The text with the line that shows a key replaced by one that sets it, if there is such a line. `path` leads to the key
/// through the tables of the file.
pub(super) fn with_key_set(text: &str, path: &[&str], value: &toml_edit::Value) -> Option<String> {
    let line = lines(text).find(|line| line.shows(path))?;
    let name = line.name()?;
    let (before, after) = (text.get(..line.start)?, text.get(line.start + line.text.len()..)?);
    Some(format!("{before}{name} = {}{after}", value.to_string().trim()))
}

/// The line that shows a key in the sample, where the line `above` it is that of the sample too.
pub(super) fn line_below(above: &str, path: &[&str]) -> Option<&'static str> {
    let mut last = "";
    for line in lines(SAMPLE) {
        if line.shows(path) {
            return (named(last) == named(above)).then_some(line.text);
        }
        last = line.text;
    }
    None
}

/// A line of a text.
struct Line<'a> {
    text: &'a str,
    /// Where it begins in the text.
    start: usize,
    /// The header above it.
    section: &'a str,
}

impl<'a> Line<'a> {
    /// The name of the key that it shows.
    fn name(&self) -> Option<&'a str> {
        self.text.strip_prefix(MARK)?.split_once(" = ").map(|(name, _)| name)
    }

    fn shows(&self, path: &[&str]) -> bool {
        let Some(name) = self.name() else { return false };
        self.section.split('.').filter(|step| !step.is_empty()).chain(name.split('.')).eq(path.iter().copied())
    }
}

/// The lines of a text up to the first section that it shows in comments.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let (mut start, mut section) = (0, "");
    let lines = text.split_inclusive('\n').map(move |whole| {
        let text = whole.trim_end_matches(['\r', '\n']);
        if let Some(header) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = header;
        }
        let line = Line { text, start, section };
        start += whole.len();
        line
    });
    lines.take_while(|line| !line.text.starts_with("# ["))
}

/// A line without its mark, and without the value of its key.
fn named(line: &str) -> &str {
    let line = line.strip_prefix(MARK).unwrap_or(line);
    line.split_once(" = ").map_or(line, |(name, _)| name)
}
