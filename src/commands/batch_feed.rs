//! Imports the records of a batch into the store, one by one.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::batch_input::Input;
use super::batch_report::BatchReport;
use super::context::Context;
use super::output_file::OutputPath;
use super::recalled;
use crate::cli::ScheduleBatch;
use crate::contract::BatchView;
use crate::enqueue::{Batch, FieldError, Pace, RequestedCall};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{BadRecord, Entry, Records};
use crate::model::{ClientId, IfExists, Item, LeadId, LeadRequest};
use crate::output::Progress;
use crate::scheduler::Policy;
use crate::store::{Added, Import, Imported, Put, Store};

/// What a batch goes by.
pub(super) struct Job<'a> {
    pub(super) args: &'a ScheduleBatch,
    pub(super) client: &'a ClientId,
    pub(super) policy: &'a Arc<Policy>,
    /// The flags, read by the policy.
    pub(super) flags: RequestedCall,
    pub(super) now: DateTime<Utc>,
}

/// The report of a batch, and why nothing was queued, if so.
pub(super) type BatchResult = (BatchView, Option<CommandError>);

/// Queues the leads of an input in one transaction; bad records go to `rejects`.
pub(super) fn import(
    job: &Job<'_>,
    input: Input,
    rejects: Option<&OutputPath>,
    store: &mut Store,
    context: &Context<'_>,
) -> Result<BatchResult, CommandError> {
    let Job { args, client, now, .. } = *job;
    let show_progress = context.surroundings.stderr_is_terminal && !context.global.quiet;
    let progress = Progress::new(show_progress, input.length);
    let (records, taken) = input.records()?;
    let records = if rejects.is_some() { records.keep_raw() } else { records };
    let report = BatchReport::new(&records, rejects)?;
    let pace = Pace { size: args.batch_size, interval: args.batch_interval };
    let batch = Batch::new(job.policy, now, &job.flags, pace);
    let recall = (!args.again).then(|| batch.recall());
    let import = Import { client, by: &context.surroundings.actor, now, recall, dry_run: args.dry_run };
    let mut feed = Feed { args, batch, records, taken, progress, report };
    let decision = store.import(import, |put| feed.run(put))?;
    if decision == Imported::Keep && !args.dry_run {
        store.checkpoint();
    }
    Ok(feed.finish())
}

/// A batch that is being queued.
struct Feed<'a> {
    args: &'a ScheduleBatch,
    batch: Batch<'a>,
    records: Records,
    /// The bytes of the input that have been read.
    taken: Rc<Cell<u64>>,
    progress: Progress,
    report: BatchReport,
}

impl Feed<'_> {
    /// Queues every record by `put`, and says whether the batch stays.
    fn run(&mut self, put: Put<'_>) -> Result<Imported, CommandError> {
        let mut taken_before = 0;
        while let Some(entry) = self.records.next() {
            let Entry { line, raw, parsed } = entry.map_err(|error| CommandError::new(ErrorKind::Failed, error))?;
            let taken = self.taken.get();
            self.progress.advance(taken.saturating_sub(taken_before), 1);
            taken_before = taken;
            let queued = match parsed {
                Ok(request) => self.queue(line, request, put)?,
                Err(bad) => Err(bad),
            };
            if let Err(bad) = queued {
                self.report.reject(&raw, bad)?;
            }
        }
        self.report.close_rejects()?;
        Ok(if self.report.is_undone(self.args.invalid) { Imported::Undo } else { Imported::Keep })
    }

    /// The report, and why nothing was queued, if so.
    fn finish(self) -> (BatchView, Option<CommandError>) {
        self.progress.finish();
        self.report.finish(self.args.invalid, self.batch.groups())
    }

    fn queue(&mut self, line: u64, request: LeadRequest, put: Put<'_>) -> Result<Result<(), BadRecord>, CommandError> {
        let (args, batch) = (self.args, &mut self.batch);
        let lead = request.lead.clone();
        let (new, call) = match batch.plan(request) {
            Ok(planned) => planned,
            Err(FieldError { field, message }) => return Ok(Err(bad(line, &lead, field, message))),
        };
        let mut slot = new.scheduled_at;
        let mut revise = |present: &Item| {
            let replaced = batch.replace(args.if_exists, present, &call).map_err(|refusal| refusal.to_string())?;
            Ok(replaced.map(|revised| {
                slot = revised.item.scheduled_at;
                Box::new(revised.item)
            }))
        };
        let added = put(&new, &mut revise)?;
        let is_new = matches!(added, Added::New(_));
        let id = match added {
            Added::New(id) | Added::Replaced(id) => id,
            Added::DuplicateLead(present) if args.if_exists != IfExists::Skip => {
                let message = format!("the lead is queued already: item {} is {}", present.id, present.status);
                return Ok(Err(bad(line, &lead, "lead_id", message)));
            }
            Added::Existing(_) | Added::DuplicateLead(_) => {
                self.report.skip();
                return Ok(Ok(()));
            }
            Added::Past(past) if args.if_exists == IfExists::Error => {
                return Ok(Err(bad(line, &lead, "lead_id", recalled::refusal(&past))));
            }
            Added::Past(past) => {
                self.report.skip_past(&past);
                return Ok(Ok(()));
            }
            Added::Irreplaceable(why) => return Ok(Err(bad(line, &lead, "lead_id", why))),
            Added::KeyOfAnotherLead { item, lead: other } => {
                let message = format!("the key names item {item} of another lead, {other}");
                return Ok(Err(bad(line, &lead, "key", message)));
            }
        };
        self.batch.join();
        // A replaced one keeps the number that it has.
        self.report.place(&call);
        self.report.queued(id, slot, is_new && new.phone.is_none());
        Ok(Ok(()))
    }
}

fn bad(line: u64, lead: &LeadId, field: &str, message: String) -> BadRecord {
    BadRecord { line, lead: Some(lead.to_string()), field: Some(field.to_owned()), message, rest_unread: false }
}
