//! `callq schedule-batch`

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor};

use super::batch_feed::{Feed, FeedError, Plan};
use super::input;
use super::world::World;
use crate::cli::ScheduleBatch;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{Records, guess_format};
use crate::model::InputFormat;
use crate::output::Progress;
use crate::store::{Access, Import, Imported};

pub(super) fn run(args: &ScheduleBatch, world: &mut World<'_>) -> Result<(), CommandError> {
    let client = world.required_client(&args.client)?;
    let policy = world.policy(&client)?;
    let (now, zone) = (world.now(), &policy.hours.zone);
    let at = args.at.as_ref().map(|text| input::time("--at", text, zone, now)).transpose()?;
    let expires = args.expires.as_ref().map(|text| input::time("--expires", text, zone, now)).transpose()?;
    let (source, bytes) = open(args, world)?;
    let records = source.map_err(|error| CommandError::new(ErrorKind::Failed, error))?;
    let show_progress = world.surroundings.stderr_is_terminal && !world.global.quiet;
    let plan = Plan { args, policy: &policy, now, at: at.unwrap_or(now).max(now), expires };
    let mut feed = Feed::new(&plan, records, Progress::new(show_progress, bytes))?;
    let mut store = world.store(Access::Create)?;
    let actor = world.surroundings.actor.clone();
    let import = Import { client: &client, if_exists: args.if_exists, by: &actor, now, dry_run: args.dry_run };
    let decision = store.import(import, |put| feed.run(put))?;
    let (view, rejected) = feed.finish().map_err(FeedError::into_command_error)?;
    if decision == Imported::Keep {
        store.shorten_log();
    }
    world.show(&view)?;
    if args.dry_run {
        world.say(format_args!("dry run: nothing was queued"));
    }
    match (decision, rejected) {
        (Imported::Undo, Some(error)) => Err(error),
        _ => Ok(()),
    }
}

/// The input: arguments, a file or standard input, with its length where it is known.
fn open(
    args: &ScheduleBatch,
    world: &World<'_>,
) -> Result<(Result<Records, crate::intake::ReadError>, Option<u64>), CommandError> {
    if !args.leads.is_empty() {
        let lines: Vec<&str> = args.leads.iter().map(|lead| lead.as_str()).collect();
        let text: Box<dyn BufRead> = Box::new(Cursor::new(lines.join("\n").into_bytes()));
        return Ok((Records::open(text, InputFormat::Lines), None));
    }
    let Some(path) = &args.file else {
        let message = "no leads are given";
        return Err(CommandError::message(ErrorKind::Usage, message)
            .with_hint("give lead ids, or a file with -f; -f - reads standard input"));
    };
    let failed = |error: std::io::Error| {
        CommandError::message(ErrorKind::Failed, format!("cannot read {}: {error}", path.display()))
    };
    let is_stdin = path.as_os_str() == "-";
    let (mut reader, bytes): (Box<dyn BufRead>, Option<u64>) = if is_stdin {
        ((world.stdin)(), None)
    } else {
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let length = metadata.is_file().then_some(metadata.len());
        (Box::new(BufReader::with_capacity(256 * 1024, file)), length)
    };
    let format = match args.input {
        Some(format) => format,
        None => guess_format((!is_stdin).then_some(path.as_path()), reader.fill_buf().map_err(failed)?),
    };
    Ok((Records::open(reader, format), bytes))
}
