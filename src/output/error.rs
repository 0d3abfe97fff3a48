//! How a failed command is reported, on standard error.

use std::io::{self, Write};

use super::escape::visible;
use super::json;
use super::style::{Color, Style};
use super::wrap::wrapped;
use crate::contract::ErrorView;
use crate::model::Format;

/// Writes `error: …` and `hint: …` for people, or the JSON form on one line for programs.
///
/// # Errors
/// What the writer reports.
pub fn render_error(view: &ErrorView, format: Format, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if format.is_json() {
        return json::line(view, out);
    }
    let line =
        |paint, label, text| wrapped(&format!("{} {}\n", style.paint(paint, label), lines(text)), style).into_owned();
    out.write_all(line(Color::Bad, "error:", &view.error.message).as_bytes())?;
    match &view.error.hint {
        Some(hint) => out.write_all(line(Color::Bold, "hint:", hint).as_bytes()),
        None => Ok(()),
    }
}

/// The text with its own line ends, such as those of a file excerpt, and everything else made visible.
fn lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ErrorBody;

    fn written(format: Format, style: Style) -> String {
        let error = ErrorBody {
            kind: "not_found",
            message: "no item 42 of \u{1b}[2Jacme".into(),
            hint: Some("`callq list --limit 0` shows every item".into()),
        };
        let mut out = Vec::new();
        render_error(&ErrorView { error }, format, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn people_read_two_lines_and_programs_one_object() {
        assert_eq!(
            written(Format::Table, Style::PLAIN),
            "error: no item 42 of \\u{1b}[2Jacme\nhint: `callq list --limit 0` shows every item\n"
        );
        assert_eq!(
            written(Format::Json, Style::PLAIN),
            "{\"error\":{\"kind\":\"not_found\",\"message\":\"no item 42 of \\u001b[2Jacme\",\"hint\":\"`callq list --limit 0` shows every item\"}}\n"
        );
        let colored = written(Format::Csv, Style { color: true, ..Style::PLAIN });
        assert!(colored.starts_with("\u{1b}[31merror:\u{1b}[0m no item"), "{colored}");
    }
}
