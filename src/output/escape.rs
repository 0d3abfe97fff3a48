//! Makes stored text safe to show: what a terminal would obey, or a person could not see, is spelt out.

use std::borrow::Cow;

/// The text with every control, direction and zero-width character written as an escape such as `\u{1b}` or `\n`.
///
/// Leads come from elsewhere: without this a lead id could clear the screen, or show another order of letters than it
/// has (Unicode Technical Report 36, section 2.11).
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
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

/// Whether a character moves, hides or reorders others instead of being seen itself.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}'              // soft hyphen, joiner, Arabic mark
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' // Khmer and Mongolian signs without a shape
            | '\u{200b}'..='\u{200f}'                     // zero width, left-to-right and right-to-left marks
            | '\u{2028}'..='\u{202e}'                     // line and paragraph ends, embeddings, overrides
            | '\u{2060}'..='\u{206f}'                     // word joiner, invisible operators, isolates
            | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'        // byte order mark, variation selectors
            | '\u{1f3fb}'..='\u{1f3ff}'                  // skin tones, which terminals disagree about the width of
            | '\u{fff9}'..='\u{fffb}'                     // annotations
            | '\u{e0000}'..='\u{e01ef}' // tags, more variation selectors
        )
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
    fn letters_of_every_script_stay_and_cost_nothing() {
        for text in ["Ünïcödé", "東京", "שלום", "नमस्ते", "e\u{301}", "\u{1f468}", "+15551234567", r"C:\n"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }
}
