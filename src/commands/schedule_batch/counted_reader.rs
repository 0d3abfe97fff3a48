//! Counts the bytes of an input as it is read.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Counts the bytes that its reader takes.
pub(super) struct CountedReader {
    pub(super) reader: Box<dyn BufRead>,
    pub(super) taken: Rc<Cell<u64>>,
}

impl Read for CountedReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.taken.set(self.taken.get().saturating_add(read as u64));
        Ok(read)
    }
}

impl BufRead for CountedReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.taken.set(self.taken.get().saturating_add(amount as u64));
        self.reader.consume(amount);
    }
}
