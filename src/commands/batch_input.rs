//! The input of a batch: where it comes from, in which format, and how far it has been read.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use super::context::Context;
use crate::cli::ScheduleBatch;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{Records, guess_format};
use crate::model::InputFormat;

/// The leads of a command line, a file or standard input.
pub(super) struct Input {
    reader: Box<dyn BufRead>,
    format: InputFormat,
    /// Its length in bytes, where it is known.
    pub(super) length: Option<u64>,
    /// How it is called in messages.
    name: String,
}

/// So much of an input is read ahead at most, in bytes.
const MOST_AHEAD: u64 = 1024 * 1024;

impl Input {
    pub(super) fn open(args: &ScheduleBatch, context: &Context<'_>) -> Result<Input, CommandError> {
        if !args.leads.is_empty() {
            let lines: Vec<&str> = args.leads.iter().map(|lead| lead.as_str()).collect();
            let reader = Box::new(Cursor::new(lines.join("\n").into_bytes()));
            return Ok(Input { reader, format: InputFormat::Lines, length: None, name: "the arguments".to_owned() });
        }
        let Some(path) = &args.file else {
            return Err(CommandError::message(ErrorKind::Usage, "no leads are given")
                .with_hint("give lead ids, or a file with -f; -f - reads standard input"));
        };
        let is_stdin = path.as_os_str() == "-";
        let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
        let failed = |error: io::Error| unreadable(&name, &error);
        let (mut reader, length): (Box<dyn BufRead>, Option<u64>) = if is_stdin {
            ((context.stdin)(), None)
        } else {
            let file = File::open(path).map_err(failed)?;
            let metadata = file.metadata().map_err(failed)?;
            let length = metadata.is_file().then_some(metadata.len());
            (Box::new(BufReader::with_capacity(256 * 1024, file)), length)
        };
        let format = match args.input {
            Some(format) => format,
            None => guess_format((!is_stdin).then_some(path.as_path()), reader.fill_buf().map_err(failed)?),
        };
        Ok(Input { reader, format, length, name })
    }

    /// Reads a short input whole, and gives back a second one of the same leads; none for a long one.
    pub(super) fn read_ahead(mut self) -> Result<(Input, Option<Input>), CommandError> {
        let mut ahead = Vec::new();
        let read = self.reader.by_ref().take(MOST_AHEAD).read_to_end(&mut ahead);
        read.map_err(|error| unreadable(&self.name, &error))?;
        let Input { format, length, ref name, .. } = self;
        if ahead.len() as u64 == MOST_AHEAD {
            let reader: Box<dyn BufRead> = Box::new(Cursor::new(ahead).chain(self.reader));
            return Ok((Input { reader, format, length, name: self.name }, None));
        }
        let again = |bytes| Input { reader: Box::new(Cursor::new(bytes)), format, length, name: name.clone() };
        Ok((again(ahead.clone()), Some(again(ahead))))
    }

    /// Begins to read; the second value tells how many bytes have been read at any time.
    pub(super) fn records(self) -> Result<(Records, Rc<Cell<u64>>), CommandError> {
        let taken = Rc::new(Cell::new(0));
        let counted = Box::new(Counted { reader: self.reader, taken: taken.clone() });
        let records = Records::open(counted, self.format);
        records.map(|records| (records, taken)).map_err(|error| CommandError::new(ErrorKind::Failed, error))
    }
}

fn unreadable(name: &str, error: &io::Error) -> CommandError {
    CommandError::message(ErrorKind::Failed, format!("cannot read {name}: {error}"))
}

/// Counts the bytes that its reader takes.
struct Counted {
    reader: Box<dyn BufRead>,
    taken: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.taken.set(self.taken.get().saturating_add(read as u64));
        Ok(read)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.taken.set(self.taken.get().saturating_add(amount as u64));
        self.reader.consume(amount);
    }
}
