//! The edge: argv and streams in, exit code out.

use std::io::{self, BufWriter};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr();
    ExitCode::from(callq::program::main(std::env::args_os().collect(), &mut out, &mut err))
}
