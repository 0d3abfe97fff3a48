//! What the tests of the program share: a sandbox to run it on, and a reader of its source.

mod dialler;
mod disk;
mod injection;
mod inside;
mod invariants;
mod line;
mod needs;
mod office;
mod page;
mod provider;
pub(crate) mod queue_model;
mod receiver;
mod run;
mod sandbox;
mod shapes;
mod source;
mod terminal;
mod users;

pub(crate) use disk::{Disk, TRACE_FLAGS, calls};
pub(crate) use injection::stride;
pub(crate) use invariants::noting;
pub(crate) use needs::{is_installed, skipped, takes_long_tests};
pub(crate) use office::Office;
pub(crate) use page::{Page, printed};
pub(crate) use provider::{Fault, KEY, Provider};
pub(crate) use receiver::{Mishap, Receiver, SECRET, Told, first_of};
pub(crate) use run::{Run, Running, eventually, side_by_side};
pub(crate) use sandbox::Sandbox;
pub(crate) use shapes::{Shape, schema};
pub(crate) use source::{Source, rust_files, texts_of};
pub(crate) use terminal::{Shown, Terminal, has_real_terminals, on_a_real_terminal};
pub(crate) use users::{NOBODY, is_root};
