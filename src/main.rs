//! The edge: argv and streams in, exit code out.

use std::io::{self, BufWriter};
use std::process::ExitCode;

use callq::output::Outlet;

fn main() -> ExitCode {
    let mut out = BufWriter::new(Outlet(io::stdout().lock()));
    let mut err = Outlet(io::stderr());
    ExitCode::from(callq::program::main(std::env::args_os().collect(), &mut out, &mut err))
}
