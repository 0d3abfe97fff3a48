//! Makes stored text safe to show: what a terminal would obey, or a person could not see, is spelt out.

use std::borrow::Cow;

use crate::model::is_unseen;

/// The text with every control, direction and zero-width character written as an escape such as `\u{1b}` or `\n`.
///
/// Leads come from elsewhere: without this a lead id could clear the screen, or show another order of letters than it
/// has (Unicode Technical Report 36, section 2.11).
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unseen(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether there is nothing but letters, digits and signs of ASCII, as in nearly every cell.
fn is_plain(text: &str) -> bool {
    // Looks at every byte without stopping, which the compiler turns into wide instructions.
    text.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte))
}

/// Whether a terminal obeys a character beyond ASCII, or other letters change their order for it.
fn is_obeyed(character: char) -> bool {
    matches!(
        character,
        '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// The cell of a CSV file without control characters, line ends among them, and without what else a terminal obeys: a
/// row is a line. What is merely unseen stays: names of some languages need it.
pub(super) fn harmless_cell(text: &str) -> Cow<'_, str> {
    let is_bad = |character: char| is_obeyed(character) || character.is_control();
    if is_plain(text) || !text.chars().any(is_bad) {
        return Cow::Borrowed(text);
    }
    let mut cell = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_bad(character) { cell.extend(character.escape_default()) } else { cell.push(character) }
    }
    Cow::Owned(cell)
}

/// Writes what a terminal obeys as JSON escapes in finished JSON, where it can only stand inside of a text: every reader gets
/// the same value.
pub(super) fn make_json_harmless(json: &mut Vec<u8>) {
    // Looks at every byte without stopping, which the compiler turns into wide instructions.
    if !json.iter().fold(false, |found, byte| found | (*byte >= 0x7f)) {
        return;
    }
    let text = String::from_utf8_lossy(json);
    if !text.contains(is_obeyed) {
        return;
    }
    let mut harmless = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_obeyed(character) {
            harmless.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            harmless.push(character);
        }
    }
    *json = harmless.into_bytes();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_or_hides_is_spelt_out() {
        let cases = [
            ("\u{1b}[2J", r"\u{1b}[2J"),
            ("a\nb\r\tc", r"a\nb\r\tc"),
            ("\u{7f}\u{9b}31m", r"\u{7f}\u{9b}31m"),
            ("abc\u{202e}fed", r"abc\u{202e}fed"),
            ("\u{feff}a\u{200b}b", r"\u{feff}a\u{200b}b"),
            ("\0", r"\u{0}"),
            ("\u{2764}\u{fe0f}", "\u{2764}\\u{fe0f}"),
            ("\u{1f44d}\u{1f3fd}", "\u{1f44d}\\u{1f3fd}"),
            ("a\u{3164}", r"a\u{3164}"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn a_cell_spells_out_every_control_character_and_what_is_obeyed() {
        assert_eq!(harmless_cell("a\tb\r\nc"), r"a\tb\r\nc");
        assert_eq!(harmless_cell("\u{1b}[2J\u{9b}m\u{202e}\0"), r"\u{1b}[2J\u{9b}m\u{202e}\u{0}");
        assert_eq!(harmless_cell("\u{645}\u{6cc}\u{200c}\u{62e}"), "\u{645}\u{6cc}\u{200c}\u{62e}");
    }

    #[test]
    fn json_says_the_same_without_what_is_obeyed() {
        let text = "a\u{7f}\u{9b}31m\u{200f}\u{202e}東京\u{1f468}";
        let mut json = serde_json::to_vec(text).unwrap();
        make_json_harmless(&mut json);
        assert_eq!(str::from_utf8(&json).unwrap(), "\"a\\u007f\\u009b31m\\u200f\\u202e東京\u{1f468}\"");
        assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text);
    }

    #[test]
    fn letters_of_every_script_stay_and_cost_nothing() {
        for text in ["Ünïcödé", "東京", "שלום", "नमस्ते", "e\u{301}", "\u{1f468}", "+12125554567", r"C:\n"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }
}
