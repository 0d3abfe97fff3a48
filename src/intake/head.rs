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

/// The place of the first line end outside of quotes.
fn first_line_end(head: &[u8], has_quotes: bool) -> Option<usize> {
    let mut quoted = false;
    head.iter().position(|byte| {
        quoted ^= has_quotes && *byte == b'"';
        !quoted && matches!(byte, b'\n' | b'\r')
    })
}

/// The first line that is not blank, without its end, and what follows it.
pub(super) fn first_line(head: &[u8], has_quotes: bool) -> (&[u8], &[u8]) {
    let mut rest = head;
    loop {
        let Some(place) = first_line_end(rest, has_quotes) else { return (rest, &[]) };
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
    fn the_first_line_is_no_blank_one() {
        assert_eq!(first_line(b"\r\n \nlead,\"a\nb\"\r\nx\n", true), (&b"lead,\"a\nb\""[..], &b"\nx\n"[..]));
        assert_eq!(first_line(b"\"a\nb\",c\r1,2", true), (&b"\"a\nb\",c"[..], &b"1,2"[..]));
        assert_eq!(first_line(b"5\" pipe\r6\" pipe\n", false).0, b"5\" pipe");
        assert_eq!(first_line(b"only", true), (&b"only"[..], &b""[..]));
        assert_eq!(first_line(b"", true), (&b""[..], &b""[..]));
    }
}
