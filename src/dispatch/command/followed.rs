//! One running program: feeds it, follows its output, ends it at its time-out, and says how it ended.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child as Process, ChildStderr, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::exit_status::End;
use super::grace_periods::GracePeriods;
use super::output::{LastLine, Line, Tail};

/// How often callq looks at a program where no file descriptor reports its exit.
const TICK: Duration = Duration::from_millis(10);

/// A program that was started.
#[derive(Debug)]
pub(super) struct Followed {
    process: Process,
    /// Becomes readable when the program exits.
    exit: Option<OwnedFd>,
    input: Option<Unwritten>,
    output: Option<ChildStdout>,
    errors: Option<ChildStderr>,
    last_line: LastLine,
    tail: Tail,
    grace: GracePeriods,
    begun: Instant,
    /// When it is asked to end.
    deadline: Option<Instant>,
    force: Force,
    exited_at: Option<Instant>,
}

/// The part of the input that the program has not taken yet.
#[derive(Debug)]
struct Unwritten {
    pipe: ChildStdin,
    bytes: Vec<u8>,
    written: usize,
}

/// What was done to make the program end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Force {
    None,
    /// TERM was sent; KILL follows at this instant.
    Asked(Instant),
    Killed,
}

/// How a program ended, and what it left.
#[derive(Debug)]
pub(super) struct ProgramEnd {
    pub(super) end: End,
    pub(super) took: Duration,
    /// The last line of its standard output.
    pub(super) line: Line,
    /// The end of its standard error.
    pub(super) errors: Option<String>,
}

impl Followed {
    /// Follows a program that has just been started at `begun`, gives it `bytes` to read, and ends it after `timeout`.
    pub(super) fn new(
        mut process: Process,
        bytes: Vec<u8>,
        timeout: Duration,
        grace: GracePeriods,
        begun: Instant,
    ) -> Followed {
        let input = process.stdin.take().filter(not_blocking).map(|pipe| Unwritten { pipe, bytes, written: 0 });
        let output = process.stdout.take().filter(not_blocking);
        let errors = process.stderr.take().filter(not_blocking);
        let deadline = begun.checked_add(timeout);
        let mut followed = Followed {
            exit: exit_descriptor(&process),
            process,
            input,
            output,
            errors,
            last_line: LastLine::default(),
            tail: Tail::default(),
            grace,
            begun,
            deadline,
            force: Force::None,
            exited_at: None,
        };
        followed.feed();
        followed
    }

    /// Adds what this program is waited for to `descriptors`.
    pub(super) fn watch<'program>(&'program self, descriptors: &mut Vec<PollFd<'program>>) {
        let exit = if self.exited_at.is_none() { self.exit.as_ref() } else { None };
        descriptors.extend(exit.map(|exit| PollFd::new(exit, PollFlags::IN)));
        descriptors.extend(self.output.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        descriptors.extend(self.errors.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        descriptors.extend(self.input.as_ref().map(|input| PollFd::new(&input.pipe, PollFlags::OUT)));
    }

    /// The instant at which it must be looked at even when nothing happens.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let rule = match (self.exited_at, self.force) {
            (Some(at), force) => self.end_of_output(at, force),
            (None, Force::None) => self.deadline,
            (None, Force::Asked(kill_at)) => Some(kill_at),
            (None, Force::Killed) => None,
        };
        let tick = if self.exit.is_none() && self.exited_at.is_none() { now.checked_add(TICK) } else { None };
        [rule, tick].into_iter().flatten().min()
    }

    /// Does whatever can be done without waiting; true when the program has ended.
    pub(super) fn advance(&mut self, now: Instant, buffer: &mut [u8]) -> bool {
        self.feed();
        self.read(buffer);
        if self.exited_at.is_none() && self.has_exited() {
            self.exited_at = Some(now);
            self.input = None;
            // What it printed last was perhaps not there yet when we read.
            self.read(buffer);
        }
        match self.exited_at {
            Some(at) => {
                let output_ended = self.output.is_none() && self.errors.is_none();
                output_ended || self.end_of_output(at, self.force).is_none_or(|end| now >= end)
            }
            None => {
                self.enforce_timeout(now);
                false
            }
        }
    }

    /// How it ended.
    pub(super) fn into_end(mut self) -> ProgramEnd {
        if self.force != Force::None {
            // The group's number is ours as long as its first process is not reaped.
            self.signal(Signal::KILL);
        }
        let status = self.process.wait();
        let took = self.exited_at.unwrap_or(self.begun).saturating_duration_since(self.begun);
        let end = match status {
            _ if self.force != Force::None => End::TimedOut,
            Ok(status) => match (status.code(), status.signal()) {
                (Some(code), _) => End::Exited(code),
                (None, Some(signal)) => End::Signalled(signal),
                (None, None) => End::Lost,
            },
            Err(_) => End::Lost,
        };
        ProgramEnd { end, took, line: self.last_line.into_line(), errors: self.tail.into_text() }
    }

    fn end_of_output(&self, exited_at: Instant, force: Force) -> Option<Instant> {
        match force {
            // What it started may still be ending too: it has until KILL.
            Force::Asked(kill_at) => Some(kill_at),
            Force::None | Force::Killed => exited_at.checked_add(self.grace.drain),
        }
    }

    fn enforce_timeout(&mut self, now: Instant) {
        match self.force {
            Force::None if self.deadline.is_some_and(|deadline| now >= deadline) => {
                self.signal(Signal::TERM);
                self.force = now.checked_add(self.grace.kill).map_or(Force::Killed, Force::Asked);
            }
            Force::Asked(kill_at) if now >= kill_at => {
                self.signal(Signal::KILL);
                self.force = Force::Killed;
            }
            Force::None | Force::Asked(_) | Force::Killed => {}
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.process);
        if kill_process_group(pid, signal).is_err() {
            // It has moved to another group. That it may be gone is no fault either.
            let _ = kill_process(pid, signal);
        }
    }

    /// Whether the program has exited; it stays a zombie, so that its number stays its own.
    fn has_exited(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(Pid::from_child(&self.process)), options) {
            Ok(status) => status.is_some(),
            Err(rustix::io::Errno::INTR) => false,
            // The system has reaped it already, as it does when SIGCHLD is ignored.
            Err(_) => true,
        }
    }

    fn feed(&mut self) {
        let Some(input) = &mut self.input else { return };
        let rest = input.bytes.get(input.written..).unwrap_or_default();
        match input.pipe.write(rest) {
            Ok(count) if count < rest.len() => input.written = input.written.saturating_add(count),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            // All is written, or the program does not want it.
            Ok(_) | Err(_) => self.input = None,
        }
    }

    /// Reads once from each stream, so that a program that prints without end holds up nobody.
    fn read(&mut self, buffer: &mut [u8]) {
        read_once(&mut self.output, buffer, |bytes| self.last_line.push(bytes));
        read_once(&mut self.errors, buffer, |bytes| self.tail.push(bytes));
    }
}

fn read_once(pipe: &mut Option<impl Read>, buffer: &mut [u8], keep: impl FnOnce(&[u8])) {
    let Some(open) = pipe else { return };
    match open.read(buffer) {
        Ok(0) => *pipe = None,
        Ok(count) => keep(buffer.get(..count).unwrap_or_default()),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
        Err(_) => *pipe = None,
    }
}

/// Makes our end of a pipe not block; a pipe that cannot be made so is not used.
fn not_blocking(pipe: &impl AsFd) -> bool {
    fcntl_setfl(pipe, OFlags::NONBLOCK).is_ok()
}

#[cfg(target_os = "linux")]
fn exit_descriptor(process: &Process) -> Option<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};
    pidfd_open(Pid::from_child(process), PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn exit_descriptor(_process: &Process) -> Option<OwnedFd> {
    None
}
