//! Reads JSON of any length in little memory: what a stranger sends decides neither how much is kept nor how deep it goes.

use std::io::{self, BufReader, Read};

use serde::de::DeserializeOwned;

/// The most characters of a text; the rest of it is left out.
pub(super) const LONGEST_TEXT: usize = 4_096;

/// The most arrays and objects inside of each other, as in `serde_json`, which remembers each of them.
const DEEPEST: u32 = 128;

/// The most bytes of a number or a word without quotes.
const LONGEST_WORD: u32 = 1_024;

/// Reads one JSON document as it comes in. What `T` does not keep takes no memory.
///
/// # Errors
/// When it is another document, or cannot be read to its end.
pub(super) fn read<T: DeserializeOwned>(from: impl Read) -> serde_json::Result<T> {
    serde_json::from_reader(BufReader::new(Shortened::new(from)))
}

/// JSON in which each text is cut.
struct Shortened<R> {
    from: R,
    place: JsonState,
    depth: u32,
    word: u32,
    /// Characters of the present text so far.
    characters: usize,
    /// The rest of the present text is left out.
    cuts: bool,
    /// The first half of an escaped character of two halves has been read; the second one must follow.
    half: bool,
}

/// Where in the document the next byte stands.
#[derive(Clone, Copy)]
enum JsonState {
    Outside,
    Text,
    Escape,
    /// Behind `\u`: how many of its four digits were read, and their value.
    Digits(u8, u32),
}

impl<R: Read> Shortened<R> {
    fn new(from: R) -> Shortened<R> {
        Shortened { from, place: JsonState::Outside, depth: 0, word: 0, characters: 0, cuts: false, half: false }
    }

    /// Whether the next byte is kept.
    fn keeps(&mut self, byte: u8) -> io::Result<bool> {
        match self.place {
            JsonState::Outside => return self.outside(byte).map(|()| true),
            JsonState::Text if byte == b'"' => {
                self.place = JsonState::Outside;
                return Ok(true);
            }
            // The rest of a character of several bytes goes with its first one.
            JsonState::Text if byte & 0b1100_0000 == 0b1000_0000 => {}
            JsonState::Text => {
                let escape = byte == b'\\';
                self.cuts |= self.characters >= LONGEST_TEXT && !(self.half && escape);
                self.characters += 1;
                self.half &= escape;
                self.place = if escape { JsonState::Escape } else { JsonState::Text };
            }
            JsonState::Escape => {
                self.half &= byte == b'u';
                self.place = if byte == b'u' { JsonState::Digits(0, 0) } else { JsonState::Text };
            }
            JsonState::Digits(read, value) => {
                let value = value << 4 | char::from(byte).to_digit(16).unwrap_or(0);
                self.place = JsonState::Digits(read + 1, value);
                if read == 3 {
                    self.place = JsonState::Text;
                    self.half = (0xd800..0xdc00).contains(&value);
                }
            }
        }
        Ok(!self.cuts)
    }

    fn outside(&mut self, byte: u8) -> io::Result<()> {
        self.word += 1;
        match byte {
            b'"' => {
                (self.place, self.characters, self.cuts, self.half, self.word) = (JsonState::Text, 0, false, false, 0)
            }
            b'[' | b'{' => (self.depth, self.word) = (self.depth + 1, 0),
            b']' | b'}' => (self.depth, self.word) = (self.depth.saturating_sub(1), 0),
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => self.word = 0,
            _ => {}
        }
        if self.depth > DEEPEST || self.word > LONGEST_WORD {
            return Err(io::Error::other("the JSON of the answer is nested too deeply, or has too long a number"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Shortened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.from.read(buffer)?;
            let mut kept = 0;
            for at in 0..read {
                let Some(byte) = buffer.get(at).copied() else { break };
                if self.keeps(byte)?
                    && let Some(place) = buffer.get_mut(kept)
                {
                    *place = byte;
                    kept += 1;
                }
            }
            if read == 0 || kept > 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn shortened(text: &str) -> String {
        let mut kept = String::new();
        Shortened::new(text.as_bytes()).read_to_string(&mut kept).unwrap();
        kept
    }

    #[test]
    fn a_long_text_is_cut_and_stays_a_text() {
        for unit in ["a", "é", "😀", r#"\""#, r"\\", r"\u00e9", r"\ud83d\ude00", r"\n"] {
            let text = format!(r#"{{"x":"{}","y":["{unit}",1]}}"#, unit.repeat(LONGEST_TEXT + 9));
            let value: Value = read(text.as_bytes()).unwrap();
            let whole: Value = serde_json::from_str(&text).unwrap();
            let (kept, all) = (value["x"].as_str().unwrap(), whole["x"].as_str().unwrap());
            assert!(all.starts_with(kept) && kept.chars().count() <= LONGEST_TEXT, "{unit}");
            assert!(kept.chars().count() >= LONGEST_TEXT / 2, "{unit}");
            assert_eq!(value["y"], whole["y"], "{unit}");
        }
        // A cut between the two halves of one character would leave no JSON.
        let text = format!(r#""{}\ud83d\ude00z""#, "a".repeat(LONGEST_TEXT - 1));
        assert!(read::<String>(text.as_bytes()).unwrap().ends_with("a😀"));
    }

    #[test]
    fn what_goes_too_deep_or_has_no_end_is_no_answer() {
        let deep = "[".repeat(1_000_000);
        assert!(read::<serde::de::IgnoredAny>(deep.as_bytes()).unwrap_err().is_io());
        let long = "1".repeat(1_000_000);
        assert!(read::<serde::de::IgnoredAny>(long.as_bytes()).unwrap_err().is_io());
        let ends = "]".repeat(10);
        assert!(read::<serde::de::IgnoredAny>(ends.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_short_stays_as_it_is(names in proptest::collection::vec(".{0,9}", 0..5), number in any::<f64>()) {
            let text = json!({"names": names, "n": number, "deep": [[{"a": names}]], "t": true}).to_string();
            prop_assert_eq!(shortened(&text), text);
        }

        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read::<Value>(bytes.as_slice());
        }
    }
}
