//! Reads a long listing in a thread of its own, a few batches ahead of what is written.

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::{io, mem, thread};

use anyhow::Context as _;

use crate::commands::context::output_failed;
use crate::error::{CommandError, ErrorKind};
use crate::query::{Listed, Take};

/// Batches that may be read ahead of the writer, and the items of each.
const AHEAD: usize = 4;
const BATCH: usize = 256;

/// Reads in a thread of its own, a few batches ahead of what is written here. What cannot be written ends the reading.
pub(super) fn ahead<T: Send>(
    read: impl FnOnce(Take<'_, CommandError>) -> Result<T, CommandError> + Send,
    write: impl FnMut(Listed) -> Result<(), CommandError>,
) -> Result<T, CommandError> {
    let (sender, receiver) = sync_channel(AHEAD);
    let reader = move || {
        let mut batch = Vec::with_capacity(BATCH);
        let unread = |_| output_failed(io::ErrorKind::BrokenPipe.into());
        let read = read(&mut |listed| {
            batch.push(listed);
            if batch.len() < BATCH {
                return Ok(());
            }
            sender.send(mem::replace(&mut batch, Vec::with_capacity(BATCH))).map_err(unread)
        })?;
        sender.send(batch).map_err(unread)?;
        Ok(read)
    };
    thread::scope(|scope| {
        let reader = thread::Builder::new().spawn_scoped(scope, reader);
        let reader = reader
            .context("cannot start a thread that reads the items")
            .map_err(|error| CommandError::new(ErrorKind::Failed, error))?;
        let written = receiver.into_iter().flatten().try_for_each(write);
        let read = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        written.and(read)
    })
}
