//! `callq backup`

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::context::{Context, output_failed};
use super::output_file::OutputFile;
use super::output_path::OutputPath;
use super::protected::Protected;
use super::scratch::Scratch;
use crate::cli::Backup;
use crate::contract::BackupView;
use crate::error::{CommandError, ErrorKind};
use crate::model::Format;
use crate::store::{Access, Filter, Store};

pub(super) fn run(args: &Backup, context: &mut Context<'_>) -> Result<(), CommandError> {
    let settings = context.settings()?;
    let database = context.database_path()?;
    let output = OutputPath::check_copy("FILE", &args.file, &Protected::of(&settings, context)?)?;
    let store = context.store(Access::Read)?;
    let mut file = output.open()?;
    let bytes = write(&store, &database, args.compact, &mut file)?;
    let failed = |error: io::Error| cannot_write(&args.file, &error);
    file.finish().map_err(failed)?.put_in_place().map_err(failed)?;
    let view = BackupView { path: args.file.display().to_string(), bytes, items: store.count(&Filter::default())? };
    // What goes to standard output itself is no place for talk, and cron mails what is printed.
    let is_file = fs::metadata(&args.file).is_ok_and(|found| found.is_file());
    let is_silent = context.global.quiet && context.format() == Format::Table;
    if is_file && !is_silent { context.show_timeless(&view) } else { Ok(()) }
}

/// Copies the database into the output: SQLite writes the hidden file itself, and a pipe gets what it wrote elsewhere.
fn write(store: &Store, database: &Path, compact: bool, file: &mut OutputFile) -> Result<u64, CommandError> {
    if let Some(path) = file.unfinished_path() {
        store.copy_to(path, compact)?;
        return fs::metadata(path).map(|found| found.len()).map_err(|error| cannot_write(path, &error));
    }
    let scratch = Scratch::beside(database)?;
    let path = scratch.file("copy")?;
    store.copy_to(&path, compact)?;
    let copied = File::open(&path).and_then(|mut copy| io::copy(&mut copy, file));
    copied.map_err(output_failed)
}

fn cannot_write(path: &Path, error: &io::Error) -> CommandError {
    CommandError::message(ErrorKind::Failed, format!("cannot write {}: {error}", path.display()))
}
