//! Imports the records of a batch into the store, one by one.

use std::cell::Cell;
use std::rc::Rc;

use super::answer::{bad, queued_item};
use super::clients::{Clients, NeedsPhone};
use super::dnc::Unwanted;
use super::input::OpenInput;
use super::report::BatchReport;
use super::words::columns_view;
use crate::cli::ScheduleBatch;
use crate::commands::context::Context;
use crate::commands::output_path::OutputPath;
use crate::contract::BatchView;
use crate::enqueue::FieldError;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{BadRecord, Entry, LeaveOut, Record, Records};
use crate::model::{ClientId, IfExists, Item, LeadRequest};
use crate::output::Progress;
use crate::store::{Added, Import, ImportWriter, Imported, Store};

/// What a batch came to.
pub(super) struct BatchResult {
    pub(super) view: BatchView,
    /// Why nothing was queued, if so.
    pub(super) error: Option<CommandError>,
    /// Clients that records named for the first time, each with a known one of nearly the same name.
    pub(super) slips: Vec<(ClientId, String)>,
    /// The numbers that are to join the do-not-call list.
    pub(super) unwanted: Unwanted,
}

/// Queues the leads of an input in one transaction; bad records go to `rejects`.
pub(super) fn import(
    args: &ScheduleBatch,
    clients: Clients<'_>,
    input: OpenInput,
    rejects: Option<&OutputPath>,
    store: &mut Store,
    context: &Context<'_>,
) -> Result<BatchResult, CommandError> {
    let show_progress = context.surroundings.stderr_is_terminal && !context.global.quiet;
    let progress = Progress::new(show_progress, input.length);
    let records = if rejects.is_some() { input.records.keep_raw() } else { input.records };
    let report = BatchReport::new(&records, rejects)?;
    let known = store.clients()?;
    let mut feed = Feed { args, clients, records, taken: input.taken, progress, report, unwanted: Unwanted::default() };
    let import = Import { by: context.actor(), now: context.now(), dry_run: args.dry_run };
    let decision = store.import(import, |writer| feed.run(writer))?;
    if decision == Imported::Keep && !args.dry_run {
        store.checkpoint();
    }
    let slips = feed.clients.likely_slips(&known);
    let unwanted = std::mem::take(&mut feed.unwanted);
    let (view, error) = feed.finish();
    Ok(BatchResult { view, error, slips, unwanted })
}

/// A batch that is being queued.
struct Feed<'a> {
    args: &'a ScheduleBatch,
    clients: Clients<'a>,
    records: Records,
    /// The bytes of the input that have been read.
    taken: Rc<Cell<u64>>,
    progress: Progress,
    report: BatchReport,
    unwanted: Unwanted,
}

/// What became of one record, when the database works.
type Outcome = Result<(), BadRecord>;

impl Feed<'_> {
    /// Queues every record, and says whether the batch stays.
    fn run(&mut self, writer: &mut ImportWriter<'_>) -> Result<Imported, CommandError> {
        let mut taken_before = 0;
        while let Some(entry) = self.records.next() {
            let Entry { line, raw, parsed } = entry.map_err(|error| CommandError::new(ErrorKind::Failed, error))?;
            let taken = self.taken.get();
            self.progress.advance(taken.saturating_sub(taken_before), 1);
            taken_before = taken;
            let queued = match parsed {
                Ok(record) => self.take(line, record, writer)?,
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
        let (view, error) = self.report.finish(self.args.invalid, self.clients.groups());
        (BatchView { columns: self.records.members().map(columns_view), ..view }, error)
    }

    /// Queues a record, unless it says itself that it is not to be.
    fn take(&mut self, line: u64, record: Record, writer: &mut ImportWriter<'_>) -> Result<Outcome, CommandError> {
        let Record { request, client, leave_out } = record;
        if let Some(reason) = leave_out.filter(|reason| matches!(reason, LeaveOut::NotWaiting(_))) {
            self.report.leave_out(line, &request.lead, reason);
            return Ok(Ok(()));
        }
        let client = match self.clients.client_of(client) {
            Ok(client) => client,
            Err(message) => return Ok(Err(bad(line, &request.lead, "client_id", message))),
        };
        if let Some(reason) = leave_out {
            if let Err(FieldError { field, message }) = self.note_unwanted(&client, &request) {
                return Ok(Err(bad(line, &request.lead, field, message)));
            }
            self.report.leave_out(line, &request.lead, reason);
            return Ok(Ok(()));
        }
        self.queue(line, &client, request, writer)
    }

    /// Notes the number of a record that says no, if it is to join the do-not-call list.
    fn note_unwanted(&mut self, client: &ClientId, request: &LeadRequest) -> Result<(), FieldError> {
        if !self.args.to_dnc {
            return Ok(());
        }
        let phone = self.clients.plan(client)?.batch.phone(request)?;
        let missing = || FieldError {
            field: "phone",
            message: "the record says not to call, and has no number for the do-not-call list".to_owned(),
        };
        self.unwanted.insert(client.clone(), &phone.ok_or_else(missing)?);
        Ok(())
    }

    fn queue(
        &mut self,
        line: u64,
        client: &ClientId,
        request: LeadRequest,
        writer: &mut ImportWriter<'_>,
    ) -> Result<Outcome, CommandError> {
        let args = self.args;
        let lead = request.lead.clone();
        let fault = |FieldError { field, message }: FieldError| Ok(Err(bad(line, &lead, field, message)));
        let plan = match self.clients.plan(client) {
            Ok(plan) => plan,
            Err(error) => return fault(error),
        };
        let batch = &mut plan.batch;
        let (new, call) = match batch.plan(request) {
            Ok(planned) => planned,
            Err(error) => return fault(error),
        };
        // A replaced item may have a number already.
        if new.phone.is_none() && plan.needs_phone == NeedsPhone::Always && args.if_exists != IfExists::Replace {
            let message = "the record has no phone number, and `retell` calls nobody without one".to_owned();
            return fault(FieldError { field: "phone", message });
        }
        let mut slot = new.scheduled_at;
        let mut revise = |present: &Item| {
            let replaced = batch.replace(args.if_exists, present, &call).map_err(|refusal| refusal.to_string())?;
            Ok(replaced.map(|revised| {
                slot = revised.item.scheduled_at;
                Box::new(revised.item)
            }))
        };
        let added = writer.put(client, plan.recall, &new, &mut revise)?;
        let is_new = matches!(added, Added::New(_));
        let queued = queued_item(added, args.if_exists, line, &new, &mut self.report);
        let id = match queued {
            Ok(Some(id)) => id,
            Ok(None) => return Ok(Ok(())),
            Err(bad) => return Ok(Err(bad)),
        };
        batch.join();
        let needs_phone = plan.needs_phone != NeedsPhone::No;
        self.report.place(&call);
        // A replaced one keeps the number that it has.
        self.report.queued(id, slot, &new, is_new, needs_phone);
        Ok(Ok(()))
    }
}
