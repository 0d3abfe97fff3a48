//! Lines that are longer than a terminal is wide, broken between words. A pipe gets every line whole: scripts read lines.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::Table;

use super::style::Style;

/// How far the rest of a line stands behind its beginning.
const INDENT: usize = 2;

/// The columns that a text takes on a terminal: two for a wide letter, none for a combining mark or a color.
pub(super) fn display_width(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\u{1b}') {
        return text.len();
    }
    // The tables are laid out by this measure, so that sentences and rows agree.
    let mut table = Table::new();
    table.add_row([without_colors(text)]);
    table.column_max_content_widths().first().copied().map(usize::from).unwrap_or_default()
}

/// The text without what sets and ends a color (ECMA-48, SGR).
fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

/// The text as this terminal shows it: each line broken between words where it is too long.
///
/// The rest of a line stands under its value where the line is a name, a gap and a value, else a little further in than
/// its beginning. A command in backquotes or at the end stays in one piece where it has room, so that it can be copied.
pub fn wrapped(text: &str, style: Style) -> Cow<'_, str> {
    // No letter takes more columns than bytes.
    if !style.terminal || text.lines().all(|line| line.len() <= style.width || display_width(line) <= style.width) {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(line) => wrapped_line(line, style.width) + "\n",
        None => wrapped_line(line, style.width),
    });
    Cow::Owned(lines.collect())
}

fn wrapped_line(line: &str, width: usize) -> String {
    if display_width(line) <= width {
        return line.to_owned();
    }
    let start = line.len() - line.trim_start_matches(' ').len();
    // Under a value that stands far to the right long words would have no room.
    let widest = line.split(' ').map(display_width).max().unwrap_or_default();
    let (hang, name) = match value_column(line, start) {
        Some((_, column)) if column <= width / 2 && column + widest <= width => (column, None),
        Some((at, column)) if column <= width => (start + INDENT, line.get(start..at).map(str::trim_end)),
        _ => (start + INDENT, None),
    };
    let (mut lines, mut room) = (Vec::new(), width.saturating_sub(start));
    let behind = start + name.map_or(0, str::len);
    if let Some(name) = name {
        lines.push(name.to_owned());
        room = width.saturating_sub(hang);
    }
    let words = words(line.get(behind..).unwrap_or_default(), width.saturating_sub(hang));
    let mut rest = &words[..];
    while !rest.is_empty() {
        let (taken, left) = rest.split_at(fitting(rest, room));
        let mut text = String::new();
        for (index, (gap, word)) in taken.iter().enumerate() {
            text.push_str(&" ".repeat(if index == 0 { 0 } else { *gap }));
            text.push_str(word);
        }
        lines.push(text);
        (rest, room) = (left, width.saturating_sub(hang));
    }
    format!("{}{}", " ".repeat(start), lines.join(&format!("\n{}", " ".repeat(hang))))
}

/// How many of the words a line takes, at least one. It ends behind a comma or the like where that leaves it two thirds full.
fn fitting(words: &[(usize, &str)], room: usize) -> usize {
    let (mut column, mut clause) = (0, None);
    for (index, (gap, word)) in words.iter().enumerate() {
        column += if index == 0 { 0 } else { *gap } + display_width(word);
        if column > room && index > 0 {
            return clause.unwrap_or(index);
        }
        if word.ends_with([',', ';', ':']) && 3 * column > 2 * room {
            clause = Some(index + 1);
        }
    }
    words.len()
}

/// Where the value of a line begins that is a name, two or more blanks, and a value: its place in bytes and its column.
fn value_column(line: &str, start: usize) -> Option<(usize, usize)> {
    let behind = line.get(start..)?;
    let gap = start + behind.find("  ")?;
    let value = line.get(gap..)?.trim_start_matches(' ');
    let at = line.len() - value.len();
    (!value.is_empty()).then(|| (at, display_width(line.get(..at).unwrap_or_default())))
}

/// The words with the blanks before each. What stands in backquotes is one word where it has room on a line, and so is a
/// command at the end.
fn words(text: &str, room: usize) -> Vec<(usize, &str)> {
    let mut words: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let word = rest.trim_start_matches(' ');
        let gap = rest.len() - word.len();
        let end = |text: &str| text.find(' ').unwrap_or(text.len());
        let mut length = end(word);
        if word.get(..length) == Some("callq") {
            length = if display_width(word) <= room { word.len() } else { length };
        }
        if let Some(open) =
            word.get(..length).filter(|word| word.matches('`').count() % 2 == 1).and_then(|w| w.rfind('`'))
            && let Some(close) = word.get(open + 1..).and_then(|quoted| quoted.find('`'))
        {
            let close = open + 1 + close;
            let whole = close + word.get(close..).map_or(0, end);
            if word.get(..whole).is_some_and(|quoted| display_width(quoted) <= room) {
                length = whole;
            }
        }
        words.push((gap, word.get(..length).unwrap_or_default()));
        at += gap + length;
    }
    words
}

/// Passes lines on as a terminal shows them, see [`wrapped`].
pub struct LineWrapper<'a> {
    out: &'a mut dyn Write,
    style: Style,
    /// A line whose end is still to come.
    begun: Vec<u8>,
}

impl<'a> LineWrapper<'a> {
    pub fn new(out: &'a mut dyn Write, style: Style) -> LineWrapper<'a> {
        LineWrapper { out, style, begun: Vec::new() }
    }
}

impl Write for LineWrapper<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.style.terminal {
            return self.out.write(bytes);
        }
        self.begun.extend_from_slice(bytes);
        if let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.begun.split_off(end + 1);
            let lines = std::mem::replace(&mut self.begun, rest);
            self.out.write_all(wrapped(&String::from_utf8_lossy(&lines), self.style).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for LineWrapper<'_> {
    fn drop(&mut self) {
        // What has no end of line is no line. A stream that fails says so again when it is flushed.
        let _ = self.out.write_all(&self.begun);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(width: usize, text: &str) -> String {
        wrapped(text, Style { terminal: true, color: false, width }).into_owned()
    }

    #[test]
    fn a_line_is_broken_between_words_and_its_rest_stands_further_in() {
        let text = "No run for 3 d 5 h with 16,997 due: is cron or watch running?\nshort\n";
        assert_eq!(at(40, text), "No run for 3 d 5 h with 16,997 due:\n  is cron or watch running?\nshort\n");
        assert_eq!(at(80, text), text);
        assert_eq!(wrapped(text, Style { width: 10, ..Style::PLAIN }), text, "a pipe");
        assert_eq!(at(20, "  item 7 (lead): nobody answered"), "  item 7 (lead):\n    nobody answered");
    }

    #[test]
    fn the_rest_of_a_value_stands_under_the_value() {
        assert_eq!(
            at(30, "for calls    sales, debt and all the others"),
            "for calls    sales, debt and\n             all the others"
        );
        assert_eq!(
            at(30, "  use of business hours  mean 1 h, p50 2 h, p95 12 h"),
            "  use of business hours\n    mean 1 h, p50 2 h,\n    p95 12 h"
        );
        assert_eq!(
            at(28, "+12125550119  all clients  since 2026"),
            "+12125550119  all clients\n              since 2026"
        );
    }

    #[test]
    fn a_command_stays_in_one_piece_where_it_has_room() {
        assert_eq!(at(36, "see them: `callq list --held` shows each"), "see them: `callq list --held` shows\n  each");
        assert_eq!(at(30, "there they are: `callq list --held`, all"), "there they are:\n  `callq list --held`, all");
        assert_eq!(
            at(30, "1 promised call missed: callq list --callbacks"),
            "1 promised call missed:\n  callq list --callbacks"
        );
        assert_eq!(at(12, "so: `callq list --held` it"), "so: `callq\n  list\n  --held` it");
        assert_eq!(at(12, "a word-longer-than-a-line b"), "a\n  word-longer-than-a-line\n  b");
    }

    #[test]
    fn letters_are_measured_as_the_terminal_shows_them() {
        for (text, width) in
            [("acme", 4), ("東京商会", 8), ("e\u{301}", 1), ("\u{1f4de}", 2), ("\u{1b}[1mab\u{1b}[0m", 2)]
        {
            assert_eq!(display_width(text), width, "{text}");
        }
        assert_eq!(at(12, "東京 商会 様のご自宅"), "東京 商会\n  様のご自宅");
        assert_eq!(at(10, "\u{1b}[33mab cd ef gh\u{1b}[0m"), "\u{1b}[33mab cd ef\n  gh\u{1b}[0m");
    }

    #[test]
    fn a_writer_gets_lines_in_any_pieces() {
        let mut out = Vec::new();
        let mut writer = LineWrapper::new(&mut out, Style { terminal: true, color: false, width: 8 });
        for piece in ["one t", "wo three\nfo", "ur\n", "no end"] {
            writer.write_all(piece.as_bytes()).unwrap();
        }
        drop(writer);
        assert_eq!(String::from_utf8(out).unwrap(), "one two\n  three\nfour\nno end");
    }

    proptest! {
        #[test]
        fn only_blanks_are_lost_and_only_long_words_are_wide(
            text in " {0,3}[a-z`東e\u{301}]{1,8}( {1,4}[a-z`東,é]{1,9}){0,12}", width in 20..60_usize,
        ) {
            let shown = at(width, &text);
            let bare = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(bare(&shown), bare(&text));
            prop_assert!(shown.lines().all(|line| display_width(line) <= width), "{}", shown);
        }
    }
}
