//! Characters that nobody sees.

/// Whether a character moves, hides or reorders others instead of being seen itself.
pub fn is_unseen(character: char) -> bool {
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
