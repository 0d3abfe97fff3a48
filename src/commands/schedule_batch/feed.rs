//! Imports the records of a batch into the store, one by one.

use std::cell::Cell;
use std::rc::Rc;

use super::answer::{bad, queued_item};
use super::clients::{ClientPlan, Clients, NeedsPhone};
use super::dnc::Unwanted;
use super::input::OpenInput;
use super::reading::columns_view;
use super::report::BatchReport;
use crate::cli::ScheduleBatch;
use crate::commands::context::Context;
use crate::commands::output_path::OutputPath;
use crate::contract::BatchView;
use crate::enqueue::FieldError;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{BadRecord, Entry, LeaveOut, Record, Records};
use crate::model::{ClientId, IfExists, Item, LeadRequest};
use crate::output::Progress;
use crate::store::{Added, Import, ImportWriter, Imported, Store, StoreError};

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

/// What keeps a record from being queued: its own fault, or one that ends the batch.
enum Stop {
    Bad(BadRecord),
    Failed(CommandError),
}

impl From<BadRecord> for Stop {
    fn from(bad: BadRecord) -> Stop {
        Stop::Bad(bad)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Failed(error.into())
    }
}

impl Feed<'_> {
    /// Queues every record, and says whether the batch stays.
    fn run(&mut self, writer: &mut ImportWriter<'_>) -> Result<Imported, CommandError> {
        let mut bytes_before = 0;
        while let Some(entry) = self.records.next() {
            let Entry { line, raw, parsed } = entry.map_err(|error| CommandError::new(ErrorKind::Failed, error))?;
            let bytes = self.taken.get();
            self.progress.advance(bytes.saturating_sub(bytes_before), 1);
            bytes_before = bytes;
            let taken = parsed.map_err(Stop::Bad).and_then(|record| self.take(line, record, writer));
            match taken {
                Ok(()) => {}
                Err(Stop::Bad(bad)) => self.report.reject(&raw, bad)?,
                Err(Stop::Failed(error)) => return Err(error),
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
    fn take(&mut self, line: u64, record: Record, writer: &mut ImportWriter<'_>) -> Result<(), Stop> {
        let Record { request, client, leave_out } = record;
        if let Some(reason) = leave_out.filter(|reason| matches!(reason, LeaveOut::NotWaiting(_))) {
            self.report.leave_out(line, &request.lead, reason);
            return Ok(());
        }
        let client = self.clients.client_of(client);
        let client = client.map_err(|message| bad(line, &request.lead, "client_id", message))?;
        let Some(reason) = leave_out else { return self.queue(line, &client, request, writer) };
        self.note_unwanted(&client, &request)
            .map_err(|FieldError { field, message }| bad(line, &request.lead, field, message))?;
        self.report.leave_out(line, &request.lead, reason);
        Ok(())
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
    ) -> Result<(), Stop> {
        let (if_exists, lead) = (self.args.if_exists, request.lead.clone());
        let fault = |FieldError { field, message }: FieldError| bad(line, &lead, field, message);
        let ClientPlan { batch, needs_phone, recall } = self.clients.plan(client).map_err(fault)?;
        let (new, call) = batch.plan(request).map_err(fault)?;
        // A replaced item may have a number already.
        if new.phone.is_none() && *needs_phone == NeedsPhone::Always && if_exists != IfExists::Replace {
            let message = "the record has no phone number, and `retell` calls nobody without one".to_owned();
            return Err(bad(line, &lead, "phone", message).into());
        }
        let mut slot = new.scheduled_at;
        let mut revise = |present: &Item| {
            let replaced = batch.replace(if_exists, present, &call).map_err(|refusal| refusal.to_string())?;
            Ok(replaced.map(|revised| {
                slot = revised.item.scheduled_at;
                Box::new(revised.item)
            }))
        };
        let added = writer.put(client, *recall, &new, &mut revise)?;
        let is_new = matches!(added, Added::New(_));
        let Some(id) = queued_item(added, if_exists, line, &new, &mut self.report)? else { return Ok(()) };
        batch.join();
        self.report.place(&call);
        // A replaced one keeps the number that it has.
        self.report.queued(id, slot, &new, is_new, *needs_phone != NeedsPhone::No);
        Ok(())
    }
}
