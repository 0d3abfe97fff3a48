//! An input whose lines are records of their own kind, one at a time, in flat memory.

use std::io::{self, BufRead};

use super::source::{LONGEST_RECORD, LineRead, Source, without_line_end};

/// Gives every line that is not blank to `take`, with its number, 1 and up, until `take` fails.
///
/// # Errors
/// What `take` says, and what `fault` makes of the message on the first line that cannot be read.
pub fn each_line<E>(
    input: Box<dyn BufRead>,
    fault: impl Fn(String) -> E,
    mut take: impl FnMut(u64, &str) -> Result<(), E>,
) -> Result<(), E> {
    let mut source = Source::new(input);
    loop {
        let mut bytes = Vec::new();
        let number = source.line() + 1;
        let faulty = |message: String| fault(format!("line {number}: {message}"));
        match source.read_line(&mut bytes).map_err(|error| faulty(error.to_string()))? {
            LineRead::End => return Ok(()),
            LineRead::TooLong => return Err(faulty(format!("it is longer than {LONGEST_RECORD} bytes"))),
            LineRead::Line if bytes.trim_ascii().is_empty() => {}
            LineRead::Line => {
                let line = str::from_utf8(&bytes).map_err(|_| faulty("it is not UTF-8".to_owned()))?;
                take(number, line)?;
            }
        }
    }
}

/// The lines of an input, each with its number, 1 and up; the last one is the first that cannot be read.
pub fn text_lines(input: Box<dyn BufRead>) -> impl Iterator<Item = (u64, io::Result<String>)> {
    let (mut source, mut ended) = (Source::new(input), false);
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let mut bytes = Vec::new();
        let no_text = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        let line = match source.read_line(&mut bytes) {
            Ok(LineRead::End) => return None,
            Ok(LineRead::TooLong) => no_text("it is longer than 1 MiB"),
            Ok(LineRead::Line) => match str::from_utf8(without_line_end(&bytes)) {
                Ok(text) => Ok(text.to_owned()),
                Err(_) => no_text("it is not text"),
            },
            Err(error) => Err(error),
        };
        ended = line.is_err();
        Some((source.line(), line))
    })
}
