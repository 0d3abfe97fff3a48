//! The handle of the thread that owns all programs of a run.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use super::grace_periods::GracePeriods;
use super::spawner::Spawner;
use crate::dispatch::call::{Call, Dispatcher, Ended};
use crate::dispatch::start_gate::StartGate;
use crate::model::{CallResult, Environment, Outcome};

/// Places calls by running the client's program, for all clients of a run.
///
/// One thread starts all programs and follows them, however many run at once. Dropping the dispatcher kills no program: the
/// thread ends with the last of them, and nobody has to wait for it.
#[derive(Debug)]
pub struct CommandDispatcher {
    calls: Sender<Call>,
    wake: UnixStream,
    ended: Sender<Ended>,
}

impl CommandDispatcher {
    /// A dispatcher that tells on `ended` how its calls ended. The programs inherit `environment`, which holds no
    /// credentials of other dispatchers. The gate is asked just before each start.
    ///
    /// # Errors
    /// When its thread cannot be started.
    pub fn new(
        ended: Sender<Ended>,
        environment: Environment,
        gate: Arc<dyn StartGate>,
    ) -> io::Result<CommandDispatcher> {
        CommandDispatcher::with_grace_periods(ended, environment, gate, GracePeriods::default())
    }

    pub(super) fn with_grace_periods(
        ended: Sender<Ended>,
        environment: Environment,
        gate: Arc<dyn StartGate>,
        grace: GracePeriods,
    ) -> io::Result<CommandDispatcher> {
        let (calls, incoming) = mpsc::channel();
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let spawner = Spawner::new(incoming, woken, ended.clone(), environment, gate, grace);
        thread::Builder::new().name("dispatch".to_owned()).spawn(move || spawner.run())?;
        Ok(CommandDispatcher { calls, wake, ended })
    }
}

impl Dispatcher for CommandDispatcher {
    fn start(&mut self, call: Call) {
        match self.calls.send(call) {
            // A full pipe of wake-ups wakes as well; a broken one means that the thread is gone, which `send` tells.
            Ok(()) => drop(self.wake.write(&[1])),
            Err(gone) => {
                let result =
                    CallResult::of(Outcome::Returned).because("internal error: the dispatcher's thread is gone");
                drop(self.ended.send(Ended::of(gone.0, result)));
            }
        }
    }
}
