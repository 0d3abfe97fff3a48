//! The file of `--rejects`: the bad records of a batch with their faults.

use std::io;

use crate::commands::output_file::{Finished, OutputFile};
use crate::commands::output_path::OutputPath;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{BadRecord, Records, RejectWriter};

/// The rejects of a batch, where they are kept.
pub(super) struct Rejects {
    writer: Option<RejectWriter<OutputFile>>,
    /// The file once it is whole; it gets its name when the batch stays.
    written: Option<Finished>,
}

impl Rejects {
    pub(super) fn open(records: &Records, path: Option<&OutputPath>) -> Result<Rejects, CommandError> {
        let file = path.map(OutputPath::open).transpose()?;
        Ok(Rejects { writer: file.map(|file| RejectWriter::new(file, records)), written: None })
    }

    /// Keeps the text of a bad record.
    pub(super) fn write(&mut self, raw: &[u8], bad: &BadRecord) -> Result<(), CommandError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let field = bad.field.as_deref().map_or(String::new(), |field| format!("{field}: "));
        writer.write(raw, &format!("{field}{}", bad.message)).map_err(not_written)
    }

    /// Ends the file, before anything is queued for good.
    pub(super) fn close(&mut self) -> Result<(), CommandError> {
        if let Some(writer) = self.writer.take() {
            self.written = Some(writer.finish().and_then(OutputFile::finish).map_err(not_written)?);
        }
        Ok(())
    }

    /// Gives the file its name; the batch stays, even if that fails.
    pub(super) fn put_in_place(self) -> Option<CommandError> {
        self.written.and_then(|written| written.put_in_place().err()).map(|error| {
            let message = format!("the batch is done, but the rejected records could not be written: {error}");
            CommandError::message(ErrorKind::Output, message)
        })
    }
}

/// The rejects cannot be kept, so that nothing is queued either.
fn not_written(error: io::Error) -> CommandError {
    let message = format!("cannot write the rejected records: {error}; nothing was queued");
    CommandError::message(ErrorKind::Failed, message)
}
