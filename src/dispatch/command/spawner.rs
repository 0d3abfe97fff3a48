//! The thread that starts all programs and follows them, many at once.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::child::Child;
use super::grace_periods::GracePeriods;
use super::launch::{Refusal, launch};
use super::programs::Programs;
use crate::dispatch::call::{Call, Ended};
use crate::dispatch::start_gate::StartGate;
use crate::model::{CallResult, Environment, Outcome};

/// The most bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// How long to wait when the system cannot.
const PAUSE: Duration = Duration::from_millis(10);

/// The state of the thread.
pub(super) struct Spawner {
    incoming: Receiver<Call>,
    woken: UnixStream,
    ended: Sender<Ended>,
    environment: Environment,
    gate: Arc<dyn StartGate>,
    programs: Programs,
    grace: GracePeriods,
    children: Vec<Child>,
    buffer: Vec<u8>,
    /// No more calls will come.
    closed: bool,
}

impl Spawner {
    /// A thread's state before the first call. `woken` becomes readable after a call was sent to `incoming`.
    pub(super) fn new(
        incoming: Receiver<Call>,
        woken: UnixStream,
        ended: Sender<Ended>,
        environment: Environment,
        gate: Arc<dyn StartGate>,
        grace: GracePeriods,
    ) -> Spawner {
        let buffer = vec![0; CHUNK];
        let (programs, children) = (Programs::of(environment.get("PATH")), Vec::new());
        Spawner { incoming, woken, ended, environment, gate, programs, grace, children, buffer, closed: false }
    }

    /// Works until the dispatcher is dropped and the last program has ended.
    pub(super) fn run(mut self) {
        loop {
            self.start_calls();
            if self.closed && self.children.is_empty() {
                return;
            }
            let ready = self.wait();
            self.advance(&ready);
        }
    }

    fn start_calls(&mut self) {
        loop {
            match self.incoming.try_recv() {
                Ok(call) => self.start(call),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.closed = true;
                    return;
                }
            }
        }
    }

    fn start(&mut self, call: Call) {
        let begun = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| launch(&call, &self.environment, &*self.gate, &mut self.programs))) {
            Ok(Ok(process)) => self.children.push(Child::new(call, process, self.grace, begun)),
            Ok(Err(Refusal::Closed(closed))) => self.tell(Ended::not_begun(call, closed)),
            Ok(Err(Refusal::Ended { result, could_not_start })) => {
                self.tell(Ended { could_not_start, ..Ended::of(call, *result) });
            }
            Err(_) => self.tell(Ended::of(call, internal_error())),
        }
    }

    /// Waits until something happens, and tells for each program whether it must be looked at.
    fn wait(&mut self) -> Vec<bool> {
        let now = Instant::now();
        let due: Vec<Option<Instant>> = self.children.iter().map(|child| child.due(now)).collect();
        let timeout = due.iter().flatten().min().map(|due| due.saturating_duration_since(now));
        // A time-out beyond what the system can hold means no time-out.
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut descriptors = Vec::with_capacity(self.children.len().saturating_mul(4).saturating_add(1));
        let mut counts = Vec::with_capacity(self.children.len());
        for child in &self.children {
            let before = descriptors.len();
            child.watch(&mut descriptors);
            counts.push(descriptors.len().saturating_sub(before));
        }
        if !self.closed {
            descriptors.push(PollFd::new(&self.woken, PollFlags::IN));
        }
        if let Err(error) = poll(&mut descriptors, timeout.as_ref()) {
            // Interrupted by a signal, or out of memory: all are looked at, none is waited for.
            if error != Errno::INTR {
                thread::sleep(PAUSE);
            }
            return vec![true; counts.len()];
        }
        let after = Instant::now();
        let mut happened = descriptors.iter().map(|descriptor| !descriptor.revents().is_empty());
        let mut ready = Vec::with_capacity(counts.len());
        for (count, due) in counts.into_iter().zip(due) {
            let any = happened.by_ref().take(count).fold(false, |any, one| any | one);
            ready.push(any || due.is_some_and(|due| after >= due));
        }
        let woken = happened.next().unwrap_or(false);
        drop(descriptors);
        if woken {
            self.forget_wakes();
        }
        ready
    }

    /// Empties the wake-up pipe before the calls are looked for, so that none is missed.
    fn forget_wakes(&mut self) {
        while matches!((&self.woken).read(&mut self.buffer), Ok(count) if count == self.buffer.len()) {}
    }

    fn advance(&mut self, ready: &[bool]) {
        let now = Instant::now();
        let mut ready = ready.iter();
        let mut index = 0;
        while let (Some(ready), Some(child)) = (ready.next(), self.children.get_mut(index)) {
            let buffer = &mut self.buffer;
            // A fault of ours in one call must not end the others.
            let advanced =
                if *ready { catch_unwind(AssertUnwindSafe(|| child.advance(now, buffer))) } else { Ok(false) };
            match advanced {
                Ok(false) => index = index.saturating_add(1),
                Ok(true) => {
                    let ended = self.children.remove(index).into_ended();
                    self.tell(ended);
                }
                Err(_) => {
                    let call = self.children.remove(index).into_call();
                    self.tell(Ended::of(call, internal_error()));
                }
            }
        }
    }

    fn tell(&self, ended: Ended) {
        // Nobody listens any more when the run has been given up; recovery settles the attempt.
        drop(self.ended.send(ended));
    }
}

/// The outcome of a call that met a bug of ours: its program may have been started.
fn internal_error() -> CallResult {
    CallResult::of(Outcome::Unknown).because("internal error in the dispatcher")
}
