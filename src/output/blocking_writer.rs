//! An output that waits: a pipe that is full for now is no failure, also when another program has made it non-blocking.

use std::io::{self, Write};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};

/// A stream that writes as soon as there is room.
#[derive(Debug)]
pub struct BlockingWriter<W>(pub W);

impl<W: Write + AsFd> Write for BlockingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.when_free(|stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.when_free(W::flush)
    }
}

impl<W: Write + AsFd> BlockingWriter<W> {
    /// Repeats what the stream has no room for, once it has.
    fn when_free<T>(&mut self, mut attempt: impl FnMut(&mut W) -> io::Result<T>) -> io::Result<T> {
        loop {
            match attempt(&mut self.0) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut free = [PollFd::new(&self.0, PollFlags::OUT)];
                    // A signal ends the wait early, and the stream is simply tried again.
                    if poll(&mut free, None).is_err() {
                        std::thread::yield_now();
                    }
                }
                other => return other,
            }
        }
    }
}
