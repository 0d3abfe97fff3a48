//! Draws one page over the other on a terminal, so that figures change in their places.

use std::io::{self, Write};

/// The first page begins on an empty screen.
const CLEAR: &str = "\u{1b}[2J";

/// To the upper left corner (ECMA-48, CUP); and lines that are too long are cut off at the edge (DEC, DECAWM off), so that
/// each takes one row.
const BEGIN: &str = "\u{1b}[H\u{1b}[?7l";

/// The rest of a row is emptied before it is left (EL).
const END_OF_LINE: &str = "\u{1b}[K\n";

/// What stood below is taken away (ED), and long lines go on in the next row again: a program that is killed between two
/// pages leaves the terminal as it was.
const END: &str = "\u{1b}[J\u{1b}[?7h";

/// Draws a page over the one before, in `rows` rows; the last one counts what does not fit.
pub fn draw_over(page: &str, rows: usize, is_first: bool, out: &mut dyn Write) -> io::Result<()> {
    // The cursor stands in the last row.
    let room = rows.saturating_sub(1).max(1);
    let lines = page.lines().count();
    let shown = if lines > room { room - 1 } else { lines };
    let mut drawn = if is_first { CLEAR.to_owned() } else { String::new() };
    drawn.push_str(BEGIN);
    for line in page.lines().take(shown) {
        drawn.push_str(line);
        drawn.push_str(END_OF_LINE);
    }
    if shown < lines {
        drawn.push_str(&format!("… {} more lines: make the window higher{END_OF_LINE}", lines - shown));
    }
    drawn.push_str(END);
    // In one piece, so that no half page is seen.
    out.write_all(drawn.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(page: &str, rows: usize, is_first: bool) -> String {
        let mut out = Vec::new();
        draw_over(page, rows, is_first, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_page_overwrites_the_one_before_row_by_row() {
        assert_eq!(drawn("a\nb\n", 24, true), "\u{1b}[2J\u{1b}[H\u{1b}[?7la\u{1b}[K\nb\u{1b}[K\n\u{1b}[J\u{1b}[?7h");
        assert_eq!(drawn("c\n", 24, false), "\u{1b}[H\u{1b}[?7lc\u{1b}[K\n\u{1b}[J\u{1b}[?7h");
    }

    #[test]
    fn a_page_never_scrolls_the_screen() {
        let page: String = (1..=9).map(|number| format!("line {number}\n")).collect();
        for rows in 0..=12 {
            let drawn = drawn(&page, rows, false);
            assert!(drawn.matches('\n').count() < rows.max(2), "{rows}: {drawn:?}");
            assert_eq!(drawn.contains("line 9"), rows >= 10, "{rows}: {drawn:?}");
        }
        assert!(drawn(&page, 6, false).contains("line 4\u{1b}[K\n… 5 more lines"), "{:?}", drawn(&page, 6, false));
    }
}
