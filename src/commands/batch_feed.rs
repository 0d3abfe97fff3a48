//! Feeds the records of a batch to the store, one by one.

use std::cell::Cell;
use std::rc::Rc;

use super::batch_report::BatchReport;
use crate::cli::ScheduleBatch;
use crate::enqueue::{Batch, FieldError};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{BadRecord, Entry, Records};
use crate::model::{IfExists, Item, LeadId, LeadRequest};
use crate::output::Progress;
use crate::output::view::BatchView;
use crate::store::{Added, Imported, Put};

/// A batch that is being queued.
pub(super) struct Feed<'a> {
    pub(super) args: &'a ScheduleBatch,
    pub(super) batch: Batch<'a>,
    pub(super) records: Records,
    /// The bytes of the input that have been read.
    pub(super) taken: Rc<Cell<u64>>,
    pub(super) progress: Progress,
    pub(super) report: BatchReport,
}

impl Feed<'_> {
    /// Queues every record by `put`, and says whether the batch stays.
    pub(super) fn run(&mut self, put: Put<'_>) -> Result<Imported, CommandError> {
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
    pub(super) fn finish(self) -> (BatchView, Option<CommandError>) {
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
            Added::Irreplaceable(why) => return Ok(Err(bad(line, &lead, "lead_id", why))),
            Added::KeyOfAnotherLead { item, lead: other } => {
                let message = format!("the key names item {item} of another lead, {other}");
                return Ok(Err(bad(line, &lead, "key", message)));
            }
        };
        self.batch.join();
        // A replaced one keeps the number that it has.
        self.report.queued(id, slot, is_new && new.phone.is_none());
        Ok(Ok(()))
    }
}

fn bad(line: u64, lead: &LeadId, field: &str, message: String) -> BadRecord {
    BadRecord { line, lead: Some(lead.to_string()), field: Some(field.to_owned()), message, rest_unread: false }
}
