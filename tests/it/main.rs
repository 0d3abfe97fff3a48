//! The tests of the built program, in one binary: `layout` fails when a file beside this one is not listed here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic anywhere, not only in its own function")]

mod architecture;
mod batches;
mod bench;
mod concurrency;
mod examples;
mod hours;
mod layout;
mod oracle;
mod process;
mod support;
mod why;
