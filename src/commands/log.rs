//! `callq log`

use chrono::TimeDelta;

use super::context::{Context, output_failed};
use super::run_end::ended_by;
use crate::cli::Log;
use crate::contract::{CallView, ItemChangeView, LogView};
use crate::engine::{Rest, Turns, watch};
use crate::error::{CommandError, ErrorKind};
use crate::model::Format;
use crate::output::RowWriter;
use crate::query::{LogEntry, LogFollower, LogReader, LogRequest};
use crate::store::{Access, Store};

/// Entries that come before those that follow, as `tail -f` shows them.
const LAST: u64 = 10;

/// What others change begins the next look; this is only how long the loop waits for that.
const IDLE: TimeDelta = TimeDelta::hours(1);

pub(super) fn run(args: &Log, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.follow && context.format() == Format::Json {
        return Err(CommandError::message(ErrorKind::Usage, "--follow writes no single JSON document")
            .with_hint("use --format jsonl: an object a line"));
    }
    let client = context.client(&args.client)?;
    let since = context.past_time("--since", args.since.as_deref(), client.as_ref())?;
    let store = context.store(Access::Read)?;
    context.known_client(&args.client, Some(&store))?;
    let request = LogRequest { client, since, calls: !args.changes, changes: !args.calls };
    if args.follow {
        return follow(&store, request, context);
    }
    let mut reader = LogReader::new(&store, request);
    let is_empty = context.show_rows::<LogView<'_>, _>(|writer| {
        let mut is_empty = true;
        while let Some(entry) = reader.next_entry()? {
            writer.write(&view(&entry)).map_err(output_failed)?;
            is_empty = false;
        }
        Ok(is_empty)
    })?;
    context.say_if_empty(is_empty, "No calls or changes.");
    Ok(())
}

fn view(entry: &LogEntry) -> LogView<'_> {
    match entry {
        LogEntry::Call(call) => LogView::Call(CallView::new(call)),
        LogEntry::Change(change) => LogView::Change(ItemChangeView::new(change)),
    }
}

/// Shows the last entries and then each new one, until a signal.
fn follow(store: &Store, request: LogRequest, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (clock, interrupt) = (context.clock.clone(), context.interrupt()?);
    let seen = store.data_version()?;
    let (follower, last) = LogFollower::begin(store, request, LAST)?;
    let signal = context.show_rows::<LogView<'_>, _>(|writer| {
        let mut following = Following { store, follower, last: Some(last), seen, writer };
        watch(&*clock, interrupt.as_ref(), &mut following)
    })?;
    Err(ended_by(signal))
}

/// The log, look after look.
struct Following<'f, 'w> {
    store: &'f Store,
    follower: LogFollower,
    /// What is shown at first.
    last: Option<Vec<LogEntry>>,
    /// The database's version before the last look.
    seen: i64,
    writer: &'f mut RowWriter<'w>,
}

impl Turns for Following<'_, '_> {
    type Error = CommandError;

    fn turn(&mut self) -> Result<Rest, CommandError> {
        let entries = match self.last.take() {
            Some(last) => last,
            None => {
                self.seen = self.store.data_version()?;
                self.follower.news(self.store)?
            }
        };
        entries.iter().try_for_each(|entry| self.writer.write(&view(entry))).map_err(output_failed)?;
        self.writer.flush().map_err(output_failed)?;
        Ok(Rest { interval: IDLE, until: None })
    }

    fn has_news(&mut self) -> Result<bool, CommandError> {
        self.store.check_file()?;
        Ok(self.store.data_version()? != self.seen)
    }
}
