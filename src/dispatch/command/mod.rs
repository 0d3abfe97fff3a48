//! The dispatcher that places a call by running a program: `kind = "command"`.

mod arguments;
mod child;
mod dispatcher;
mod exit_status;
mod followed;
mod grace_periods;
mod hook;
mod input;
mod launch;
mod output;
mod programs;
mod result;
mod spawner;

pub use dispatcher::CommandDispatcher;
pub use hook::{HookEnd, run_hook};
pub use result::{Fault, ResultFile, Unclear, read_result_file, write_result_file};

#[cfg(test)]
mod tests;
