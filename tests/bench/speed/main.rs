//! The program against the least that does the same work: `cargo bench --bench speed [-- ROW…] [-- --large]`.
//!
//! Each row is a ratio, taken in turn on one machine; no row fails. A row is named by its number or a part of its name.
//! `--large` adds the rows of ten million items, which take some minutes and 8 GB below the folder of temporary files.

mod history;
mod measure;
mod place;
mod reference;
mod rows;

use std::process::ExitCode;

use measure::tell;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == "reference") {
        return match reference::run(arguments.get(1..).unwrap_or_default()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tell(&format!("reference: {error}"));
                ExitCode::FAILURE
            }
        };
    }
    let (flags, wanted): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with("--"));
    let large = flags.iter().any(|flag| *flag == "--large");
    tell(&format!("{:<58} {:>6}  {:<13}  {:<8} {:>13}", "", "ratio", "floor / reach", "", "callq's time"));
    for (name, run) in rows::ROWS {
        if wanted.is_empty() || wanted.iter().any(|part| name.split(' ').any(|word| word == *part)) {
            run(large);
        }
    }
    ExitCode::SUCCESS
}
