//! The encoding of an input: UTF-8, UTF-16 where a mark or its NULs show it, or what a person names.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::source::BYTE_ORDER_MARK;

/// An encoding by its name, such as `windows-1252` or `shift_jis`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputEncoding(&'static Encoding);

impl InputEncoding {
    /// The encoding of a label of the WHATWG Encoding Standard.
    ///
    /// # Errors
    /// Names the label and the usual ones.
    pub fn named(label: &str) -> Result<InputEncoding, String> {
        Encoding::for_label_no_replacement(label.as_bytes()).map(InputEncoding).ok_or_else(|| {
            format!("unknown encoding `{label}`: expected such as utf-8, utf-16le, windows-1252, windows-1251, macintosh or shift_jis")
        })
    }

    /// The encoding of an input that begins so.
    pub(super) fn of(head: &[u8]) -> InputEncoding {
        if let Some((encoding, _)) = Encoding::for_bom(head) {
            return InputEncoding(encoding);
        }
        // ASCII as UTF-16 has a NUL in every second byte. Binary data has them anywhere.
        let sample = head.get(..512).unwrap_or(head);
        let nuls = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd, half) = (nuls(0), nuls(1), sample.len() / 2);
        InputEncoding(match half {
            0 => UTF_8,
            _ if odd * 4 >= half * 3 && even == 0 => UTF_16LE,
            _ if even * 4 >= half * 3 && odd == 0 => UTF_16BE,
            _ => UTF_8,
        })
    }

    /// Whether the head begins with the mark of this encoding.
    pub(super) fn is_marked(self, head: &[u8]) -> bool {
        Encoding::for_bom(head).is_some_and(|(encoding, _)| encoding == self.0)
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The input in UTF-8.
    pub(super) fn decode(self, input: Box<dyn BufRead>) -> Box<dyn BufRead> {
        if self.0 == UTF_8 {
            return input;
        }
        let decoder = self.0.new_decoder_with_bom_removal();
        Box::new(Decoded { input, decoder, encoding: self, text: Vec::with_capacity(ROOM), taken: 0, ended: false })
    }
}

/// So much text is decoded at once, in bytes.
const ROOM: usize = 64 * 1024;

/// An input that is decoded while it is read.
struct Decoded {
    input: Box<dyn BufRead>,
    decoder: Decoder,
    encoding: InputEncoding,
    /// What was decoded last.
    text: Vec<u8>,
    /// So much of that was taken.
    taken: usize,
    ended: bool,
}

impl Decoded {
    fn decode(&mut self) -> io::Result<()> {
        self.text.resize(ROOM, 0);
        self.taken = 0;
        let mut written = 0;
        while written == 0 && !self.ended {
            let bytes = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let is_last = bytes.is_empty();
            let (result, read, decoded) =
                self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, is_last);
            self.input.consume(read);
            written = decoded;
            match result {
                DecoderResult::Malformed(..) => {
                    self.ended = true;
                    let message =
                        format!("it is not {} there: name its encoding with --encoding", self.encoding.name());
                    self.text.truncate(written);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, message));
                }
                DecoderResult::InputEmpty => self.ended = is_last,
                DecoderResult::OutputFull => {}
            }
        }
        self.text.truncate(written);
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut part = self.fill_buf()?;
        let read = part.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Decoded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken >= self.text.len() && !self.ended {
            self.decode()?;
        }
        Ok(self.text.get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.taken = self.text.len().min(self.taken.saturating_add(amount));
    }
}

/// The text without the mark that tells its encoding.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn an_encoding_is_seen_by_its_mark_or_its_nuls() {
        let text = "lead_id,name\n1,Jürgen 東\n";
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            ([BYTE_ORDER_MARK, text.as_bytes()].concat(), "UTF-8"),
            (utf16(text, u16::to_le_bytes), "UTF-16LE"),
            (utf16(text, u16::to_be_bytes), "UTF-16BE"),
            (utf16(&format!("\u{feff}{text}"), u16::to_le_bytes), "UTF-16LE"),
            (utf16("\u{feff}東京", u16::to_be_bytes), "UTF-16BE"),
            (b"a\0b\n".to_vec(), "UTF-8"),
            (b"".to_vec(), "UTF-8"),
            (b"\0\0\0\0".to_vec(), "UTF-8"),
        ] {
            let encoding = InputEncoding::of(&bytes);
            assert_eq!(encoding.name(), name, "{bytes:?}");
        }
    }

    #[test]
    fn text_comes_out_in_utf_8_whatever_the_chunks() {
        let text = format!("\u{feff}{}", "Jürgen 🙂 東京\n".repeat(5_000));
        let bytes = utf16(&text, u16::to_le_bytes);
        for chunk in [1, 7, 64 * 1024] {
            let input = Box::new(BufReader::with_capacity(chunk, Cursor::new(bytes.clone())));
            let mut read = String::new();
            InputEncoding::of(&bytes).decode(input).read_to_string(&mut read).unwrap();
            assert_eq!(read, text.trim_start_matches('\u{feff}'), "{chunk}");
        }
        let named = InputEncoding::named("windows-1252").unwrap();
        let mut read = String::new();
        named.decode(Box::new(Cursor::new(b"J\xfcrgen \x80".to_vec()))).read_to_string(&mut read).unwrap();
        assert_eq!(read, "Jürgen €");
    }

    #[test]
    fn bytes_that_are_not_of_the_encoding_are_no_text() {
        let named = InputEncoding::named("shift_jis").unwrap();
        let error = named.decode(Box::new(Cursor::new(b"a\xff".to_vec()))).read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "it is not Shift_JIS there: name its encoding with --encoding");
        assert!(InputEncoding::named("klingon").unwrap_err().contains("windows-1252"));
    }
}
