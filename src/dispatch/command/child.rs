//! The running program of a call.

use std::ops::{Deref, DerefMut};
use std::process::Child as Process;
use std::time::Instant;

use super::followed::{Followed, ProgramEnd};
use super::grace_periods::GracePeriods;
use super::input::input;
use super::result::{read_result_file, result_of_call};
use crate::dispatch::call::{Call, Ended};

/// A program that was started for a call.
#[derive(Debug)]
pub(super) struct Child {
    call: Call,
    program: Followed,
}

impl Child {
    /// Follows a program that has just been started at `begun`.
    pub(super) fn new(call: Call, process: Process, grace: GracePeriods, begun: Instant) -> Child {
        let timeout = call.settings.timeout.to_std().unwrap_or_default();
        let program = Followed::new(process, input(&call), timeout, grace, begun);
        Child { call, program }
    }

    /// The end of the call.
    pub(super) fn into_ended(self) -> Ended {
        let ProgramEnd { end, took, line, errors } = self.program.into_end();
        let file = read_result_file(&self.call.result_file);
        let result = result_of_call(end, &self.call.settings, file, &line, errors);
        Ended { took, ..Ended::of(self.call, result) }
    }

    /// The call itself, of a program that cannot be followed any more.
    pub(super) fn into_call(self) -> Call {
        self.call
    }
}

impl Deref for Child {
    type Target = Followed;

    fn deref(&self) -> &Followed {
        &self.program
    }
}

impl DerefMut for Child {
    fn deref_mut(&mut self) -> &mut Followed {
        &mut self.program
    }
}
