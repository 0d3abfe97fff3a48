//! What is kept of a program's output, however much it prints: the last line of one stream, the last bytes of the other.

use std::mem;

/// The most bytes that a line may have to be looked at as a result.
pub(super) const LONGEST_LINE: usize = 64 * 1024;

/// The bytes of standard error that are kept.
pub(super) const TAIL: usize = 2 * 1024;

/// The last line that is not blank.
#[derive(Debug, Default)]
pub(super) struct LastLine {
    current: Line,
    last: Line,
}

/// The beginning of a line.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Its first bytes, without the line's end.
    pub(super) bytes: Vec<u8>,
    /// Whether there was more of it.
    pub(super) too_long: bool,
}

impl LastLine {
    /// Takes the next bytes of the stream.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) => {
                    self.current.push(end);
                    self.end_line();
                }
                None => self.current.push(part),
            }
        }
    }

    /// The last line that is not blank; a line without an end counts.
    pub(super) fn into_line(mut self) -> Line {
        self.end_line();
        self.last
    }

    fn end_line(&mut self) {
        if !self.current.bytes.trim_ascii().is_empty() {
            mem::swap(&mut self.current, &mut self.last);
        }
        self.current.bytes.clear();
        self.current.too_long = false;
    }
}

impl Line {
    fn push(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.bytes.len());
        self.too_long |= bytes.len() > room;
        self.bytes.extend(bytes.iter().take(room));
    }
}

/// The last bytes of a stream.
#[derive(Debug, Default)]
pub(super) struct Tail {
    bytes: Vec<u8>,
    cut: bool,
}

impl Tail {
    /// Takes the next bytes of the stream.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(last(bytes));
        self.cut |= bytes.len() > TAIL;
        // Twice the size, so that a program that writes byte by byte does not move the whole for each of them.
        if self.bytes.len() > 2 * TAIL {
            self.bytes.drain(..self.bytes.len().saturating_sub(TAIL));
            self.cut = true;
        }
    }

    /// The last 2 KiB as text; what is not UTF-8 is replaced, as is NUL, which ends a text in too many places.
    pub(super) fn into_text(self) -> Option<String> {
        let mut bytes = last(&self.bytes);
        if self.cut || self.bytes.len() > TAIL {
            // The rest of a character that was cut in two.
            let rest = bytes.iter().take(3).take_while(|byte| **byte & 0b1100_0000 == 0b1000_0000).count();
            bytes = bytes.get(rest..).unwrap_or_default();
        }
        let text = String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
        // Replacements are longer than what they replace.
        let start = text.len().saturating_sub(TAIL);
        let text = (start..=text.len()).find_map(|start| text.get(start..)).unwrap_or_default().trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn last(bytes: &[u8]) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_line(chunks: &[&[u8]]) -> (Vec<u8>, bool) {
        let mut line = LastLine::default();
        chunks.iter().for_each(|chunk| line.push(chunk));
        let line = line.into_line();
        (line.bytes, line.too_long)
    }

    fn tail(chunks: &[&[u8]]) -> Option<String> {
        let mut tail = Tail::default();
        chunks.iter().for_each(|chunk| tail.push(chunk));
        tail.into_text()
    }

    #[test]
    fn the_last_line_is_found_whatever_the_chunks() {
        let cases: [(&[&[u8]], &[u8]); 7] = [
            (&[], b""),
            (&[b"a\nb\n"], b"b"),
            (&[b"a\nb"], b"b"),
            (&[b"a", b"b\n", b"c", b"d", b"\n"], b"cd"),
            (&[b"a\n\n \r\n"], b"a"),
            (&[b"a\r\n"], b"a\r"),
            (&[b"\n", b"a", b"\n", b"\n"], b"a"),
        ];
        for (chunks, expected) in cases {
            assert_eq!(last_line(chunks), (expected.to_vec(), false), "{chunks:?}");
        }
    }

    #[test]
    fn a_line_too_long_is_cut_and_forgotten_with_the_next_one() {
        let long = vec![b'x'; LONGEST_LINE + 1];
        assert_eq!(last_line(&[&long, &long]), (long[1..].to_vec(), true));
        assert_eq!(last_line(&[&long[1..]]), (long[1..].to_vec(), false));
        assert_eq!(last_line(&[&long, b"\nok\n"]), (b"ok".to_vec(), false));
        assert_eq!(last_line(&[b"ok\n", &long, b"\n"]), (long[1..].to_vec(), true));
    }

    #[test]
    fn the_tail_is_valid_text_of_at_most_2_kib() {
        assert_eq!(tail(&[b"  one\n", b"two\n"]), Some("one\ntwo".to_owned()));
        assert_eq!(tail(&[b" \n"]), None);
        assert_eq!(tail(&[b"a\xff\0b"]), Some("a\u{fffd}\u{fffd}b".to_owned()));
        assert_eq!(tail(&[&[0xff; 9_000]]).map(|text| text.len() <= TAIL), Some(true));
        // Three bytes a character: 2048 bytes begin within one.
        let euros = "€".repeat(3_000);
        assert_eq!(tail(&[euros.as_bytes()]), Some("€".repeat(682)));
        let bytes: Vec<&[u8]> = euros.as_bytes().chunks(1).collect();
        assert_eq!(tail(&bytes), Some("€".repeat(682)));
    }
}
