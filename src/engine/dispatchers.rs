//! The dispatchers of a run, each made when its first call starts.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::dispatch::{Call, CommandDispatcher, Dispatcher, Ended, Provider, Simulator, StartGate};
use crate::model::{CallResult, DispatchKind, Environment, Outcome};

/// Every dispatcher of a run, and the channel on which ends of calls come in.
pub(crate) struct Dispatchers {
    sender: Sender<Ended>,
    receiver: Receiver<Ended>,
    environment: Environment,
    seed: u64,
    gate: Arc<dyn StartGate>,
    command: Option<Box<dyn Dispatcher>>,
    simulate: Option<Box<dyn Dispatcher>>,
    provider: Option<Box<dyn Dispatcher>>,
    every_call: Option<Box<dyn Dispatcher>>,
}

impl Dispatchers {
    /// Dispatchers whose programs inherit `environment`, and that play simulated calls by `seed`. Before each real call `gate` is asked whether it may still begin.
    pub(crate) fn new(environment: Environment, seed: u64, gate: Arc<dyn StartGate>) -> Dispatchers {
        let (sender, receiver) = channel();
        Dispatchers {
            sender,
            receiver,
            environment,
            seed,
            gate,
            command: None,
            simulate: None,
            provider: None,
            every_call: None,
        }
    }

    /// The same with one dispatcher for every call, whatever its kind: for tests.
    #[must_use]
    #[cfg(test)]
    pub(crate) fn with_every_call(mut self, make: impl FnOnce(Sender<Ended>) -> Box<dyn Dispatcher>) -> Dispatchers {
        self.every_call = Some(make(self.sender.clone()));
        self
    }

    /// Starts a call; `provider` places it, if one does.
    pub(super) fn start(&mut self, call: Call, provider: &dyn Provider) {
        if let Some(dispatcher) = &mut self.every_call {
            return dispatcher.start(call);
        }
        let dispatcher = match call.settings.kind {
            DispatchKind::Command => self.command(),
            DispatchKind::Simulate => Ok(self.simulate()),
            kind if kind.places_through_provider() => Ok(self.by_provider(provider)),
            // The rules pass such clients over; a policy that changed since then ends here.
            _ => Err("the client has no dispatcher".to_owned()),
        };
        match dispatcher {
            Ok(dispatcher) => dispatcher.start(call),
            Err(reason) => {
                let result = CallResult::of(Outcome::Unavailable).because(reason);
                let ended = Ended { could_not_start: true, ..Ended::of(call, result) };
                // The receiver lives as long as this.
                let _ = self.sender.send(ended);
            }
        }
    }

    fn command(&mut self) -> Result<&mut dyn Dispatcher, String> {
        if self.command.is_none() {
            let made = CommandDispatcher::new(self.sender.clone(), self.environment.clone(), self.gate.clone())
                .map_err(|error| format!("cannot start the dispatching thread: {error}"))?;
            self.command = Some(Box::new(made));
        }
        self.command.as_deref_mut().map_or_else(|| Err("no dispatcher".to_owned()), |command| Ok(command as _))
    }

    fn simulate(&mut self) -> &mut dyn Dispatcher {
        let make = || -> Box<dyn Dispatcher> { Box::new(Simulator::new(self.sender.clone(), self.seed)) };
        self.simulate.get_or_insert_with(make).as_mut()
    }

    fn by_provider(&mut self, provider: &dyn Provider) -> &mut dyn Dispatcher {
        let make = || provider.place(self.sender.clone(), self.gate.clone());
        self.provider.get_or_insert_with(make).as_mut()
    }

    /// Waits for the end of a call, at most for `at_most`, and takes every other end that has come in.
    pub(super) fn wait(&self, at_most: Duration) -> Vec<Ended> {
        match self.receiver.recv_timeout(at_most) {
            Ok(ended) => std::iter::once(ended).chain(self.receiver.try_iter()).collect(),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Vec::new(),
        }
    }
}

impl std::fmt::Debug for Dispatchers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatchers").field("seed", &self.seed).finish_non_exhaustive()
    }
}
