//! The edge: argv, clock and streams in, exit code out.

fn main() {}
