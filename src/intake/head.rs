//! The beginning of an input, looked at before it is read.

use std::io::{BufRead, Cursor, Read};

/// So much of an input is looked at, in bytes: a hundred rows of an export, by far.
const HEAD: u64 = 64 * 1024;

/// Reads the beginning of an input, and gives back the whole of it. An input that fails there fails again when it is read.
pub(super) fn look_ahead(mut input: Box<dyn BufRead>) -> (Vec<u8>, Box<dyn BufRead>) {
    let mut head = Vec::new();
    // The bytes before a failure are kept.
    let _ = input.by_ref().take(HEAD).read_to_end(&mut head);
    let whole = Box::new(Cursor::new(head.clone()).chain(input));
    (head, whole)
}

/// The first line end outside of quotes, as its place and its bytes.
fn first_line_end(head: &[u8], has_quotes: bool) -> Option<(usize, bool)> {
    let mut quoted = false;
    for (place, byte) in head.iter().enumerate() {
        match byte {
            b'"' if has_quotes => quoted = !quoted,
            b'\n' if !quoted => return Some((place, false)),
            b'\r' if !quoted => return Some((place, head.get(place + 1).is_none_or(|next| *next != b'\n'))),
            _ => {}
        }
    }
    None
}

/// The byte that ends the lines: CR where the first line ends by it alone, else LF.
pub(super) fn line_end(head: &[u8], has_quotes: bool) -> u8 {
    match first_line_end(head, has_quotes) {
        Some((_, true)) => b'\r',
        _ => b'\n',
    }
}

/// The first line that is not blank, without its end, and what follows it.
pub(super) fn first_line(head: &[u8], has_quotes: bool) -> (&[u8], &[u8]) {
    let mut rest = head;
    loop {
        let Some((place, _)) = first_line_end(rest, has_quotes) else { return (rest, &[]) };
        let (line, behind) = rest.split_at(place);
        rest = behind.get(1..).unwrap_or_default();
        if !line.trim_ascii().is_empty() {
            return (line, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_end_decides() {
        for (text, quotes, byte) in [
            ("a,b\r1,2\r", true, b'\r'),
            ("a,b\r\n1,2\r", true, b'\n'),
            ("a\nb\rc", true, b'\n'),
            ("\"a\rb\",c\r\n1,2", true, b'\n'),
            ("\"a\nb\",c\r1,2", true, b'\r'),
            ("5\" pipe\r6\" pipe\n", false, b'\r'),
            ("", true, b'\n'),
        ] {
            assert_eq!(line_end(text.as_bytes(), quotes), byte, "{text:?}");
        }
    }

    #[test]
    fn the_first_line_is_no_blank_one() {
        assert_eq!(first_line(b"\r\n \nlead,\"a\nb\"\r\nx\n", true), (&b"lead,\"a\nb\""[..], &b"\nx\n"[..]));
        assert_eq!(first_line(b"only", true), (&b"only"[..], &b""[..]));
        assert_eq!(first_line(b"", true), (&b""[..], &b""[..]));
    }
}
