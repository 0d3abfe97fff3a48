//! The input of a batch, and how far it has been read.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;
use std::rc::Rc;

use super::counted_reader::CountedReader;
use super::origin::Origin;
use crate::cli::ScheduleBatch;
use crate::commands::context::Context;
use crate::commands::input::{encoding, unreadable_input};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{InputRules, OpenError, Records};
use crate::model::InputFormat;

/// The leads of a command line, a file or standard input.
pub(super) struct Input {
    reader: Box<dyn BufRead>,
    rules: InputRules,
    /// Its file, if it is one.
    path: Option<PathBuf>,
    /// Its length in bytes, where it is known.
    length: Option<u64>,
    /// How it is called in messages.
    name: String,
}

/// An input that is being read.
pub(super) struct OpenInput {
    pub(super) records: Records,
    pub(super) length: Option<u64>,
    pub(super) name: String,
    /// The bytes of the input that have been read.
    pub(super) taken: Rc<Cell<u64>>,
}

/// So much of an input is read ahead at most, in bytes.
const MOST_AHEAD: u64 = 1024 * 1024;

impl Input {
    pub(super) fn open(
        origin: &Origin,
        args: &ScheduleBatch,
        rules: InputRules,
        context: &Context<'_>,
    ) -> Result<Input, CommandError> {
        let encoding = encoding(args.encoding.as_deref())?;
        let (columns, arguments) = (args.column.clone(), matches!(origin, Origin::Arguments(_)));
        let rules = InputRules { format: args.input, delimiter: args.delimiter, encoding, columns, arguments, ..rules };
        let input =
            |reader, rules, name: &str| Input { reader, rules, path: None, length: None, name: name.to_owned() };
        match origin {
            Origin::Arguments(leads) => {
                let lines: Vec<&str> = leads.iter().map(|lead| lead.as_str()).collect();
                let reader = Box::new(Cursor::new(lines.join("\n").into_bytes()));
                let rules = InputRules { format: Some(InputFormat::Lines), ..rules };
                Ok(input(reader, rules, "the arguments"))
            }
            Origin::StandardInput => Ok(input((context.stdin)(), rules, "standard input")),
            Origin::File(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(|error| unreadable_input(&name, &error))?;
                let metadata = file.metadata().map_err(|error| unreadable_input(&name, &error))?;
                let length = metadata.is_file().then_some(metadata.len());
                let reader = Box::new(BufReader::with_capacity(256 * 1024, file));
                Ok(Input { length, path: Some(path.clone()), ..input(reader, rules, &name) })
            }
        }
    }

    /// Reads a short input whole, and gives back a second one of the same leads; none for a long one.
    pub(super) fn read_ahead(mut self) -> Result<(Input, Option<Input>), CommandError> {
        let mut ahead = Vec::new();
        let read = self.reader.by_ref().take(MOST_AHEAD).read_to_end(&mut ahead);
        read.map_err(|error| unreadable_input(&self.name, &error))?;
        if ahead.len() as u64 == MOST_AHEAD {
            let reader: Box<dyn BufRead> = Box::new(Cursor::new(ahead).chain(self.reader));
            return Ok((Input { reader, ..self }, None));
        }
        let Input { rules, path, length, name, .. } = self;
        let again = |bytes| Input {
            reader: Box::new(Cursor::new(bytes)),
            rules: rules.clone(),
            path: path.clone(),
            length,
            name: name.clone(),
        };
        Ok((again(ahead.clone()), Some(again(ahead))))
    }

    /// Begins to read.
    pub(super) fn records(self) -> Result<OpenInput, CommandError> {
        let Input { reader, rules, path, length, name } = self;
        let taken = Rc::new(Cell::new(0));
        let counted = Box::new(CountedReader { reader, taken: taken.clone() });
        match Records::open(counted, path.as_deref(), rules) {
            Ok(records) => Ok(OpenInput { records, length, name, taken }),
            Err(OpenError::Read(error)) if error.line == 0 => Err(unreadable_input(&name, &error.source)),
            Err(OpenError::Read(error)) => Err(CommandError::new(ErrorKind::Failed, error)),
            Err(OpenError::Refused { message, hint }) => {
                Err(CommandError::message(ErrorKind::Refused, format!("{name}: {message}; nothing was queued"))
                    .with_hint(&hint))
            }
        }
    }
}
