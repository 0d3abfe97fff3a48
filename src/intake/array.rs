//! Cuts a JSON array into its elements without holding more than one of them.

use std::io;

use super::source::{BYTE_ORDER_MARK, LONGEST_RECORD, Source};

/// What looking for the next element came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// An element, which begins on this line.
    Element { line: u64 },
    /// An element that is longer than a record may be; it was passed over.
    TooLong { line: u64 },
    /// The text is no array from here on.
    Broken { line: u64, message: &'static str },
    /// The array has ended, and so has the input.
    End,
}

/// Where in the array the scanner stands.
#[derive(Debug, Clone, Copy, Default)]
enum ArrayState {
    #[default]
    Start,
    AfterOpening,
    AfterElement,
    End,
}

/// Finds elements by counting brackets outside of strings; that they are JSON is for their reader to say.
#[derive(Debug, Default)]
pub(super) struct ArrayScanner {
    place: ArrayState,
}

impl ArrayScanner {
    /// Puts the text of the next element into `element`.
    pub(super) fn next(&mut self, source: &mut Source, element: &mut Vec<u8>) -> io::Result<Scan> {
        element.clear();
        if matches!(self.place, ArrayState::Start) {
            skip_byte_order_mark(source)?;
            if skip_space(source)? != Some(b'[') {
                return Ok(self.broken(source, "expected an array of objects, beginning with `[`"));
            }
            source.take(b'[');
            self.place = ArrayState::AfterOpening;
        }
        match (self.place, skip_space(source)?) {
            (ArrayState::End, None) => return Ok(Scan::End),
            (ArrayState::End, Some(_)) => return Ok(self.broken(source, "text after the array's `]`")),
            (_, None) => return Ok(self.broken(source, "the input ends before the array's `]`")),
            (_, Some(b']')) => {
                source.take(b']');
                self.place = ArrayState::End;
                return self.next(source, element);
            }
            (ArrayState::AfterElement, Some(b',')) => {
                source.take(b',');
                if skip_space(source)?.is_none_or(|byte| matches!(byte, b',' | b']')) {
                    return Ok(self.broken(source, "expected an object after `,`"));
                }
            }
            (ArrayState::AfterElement, Some(_)) => {
                return Ok(self.broken(source, "expected `,` or `]` after an element"));
            }
            (ArrayState::Start | ArrayState::AfterOpening, Some(_)) => {}
        }
        self.place = ArrayState::AfterElement;
        self.element(source, element)
    }

    fn element(&mut self, source: &mut Source, element: &mut Vec<u8>) -> io::Result<Scan> {
        let line = source.line() + 1;
        let mut nesting = Nesting::default();
        let mut too_long = false;
        loop {
            let chunk = match source.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if chunk.is_empty() {
                self.place = ArrayState::End;
                return Ok(Scan::Broken { line, message: "the input ends within this element" });
            }
            let (length, ended) = nesting.follow(chunk);
            let part = chunk.get(..length).unwrap_or(chunk);
            too_long |= element.len().saturating_add(length) > LONGEST_RECORD;
            if too_long {
                element.clear();
            } else {
                element.extend_from_slice(part);
            }
            source.lines.pass(part);
            source.input.consume(length);
            if ended {
                return Ok(if too_long { Scan::TooLong { line } } else { Scan::Element { line } });
            }
        }
    }

    fn broken(&mut self, source: &Source, message: &'static str) -> Scan {
        self.place = ArrayState::End;
        Scan::Broken { line: source.line() + 1, message }
    }
}

/// Brackets and strings that are open within an element.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Nesting {
    /// How many bytes of `chunk` belong to the element, and whether it ends with them.
    fn follow(&mut self, chunk: &[u8]) -> (usize, bool) {
        for (index, byte) in chunk.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return (index + 1, true);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                // A bare word or number ends before what follows it.
                b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 && self.begun => {
                    return (index, true);
                }
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (index + 1, true);
                    }
                }
                _ => {}
            }
            self.begun = true;
        }
        (chunk.len(), false)
    }
}

fn skip_space(source: &mut Source) -> io::Result<Option<u8>> {
    while let Some(byte) = source.peek()? {
        if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            return Ok(Some(byte));
        }
        source.take(byte);
    }
    Ok(None)
}

fn skip_byte_order_mark(source: &mut Source) -> io::Result<()> {
    for byte in BYTE_ORDER_MARK {
        if source.peek()? != Some(*byte) {
            return Ok(());
        }
        source.take(*byte);
    }
    Ok(())
}
