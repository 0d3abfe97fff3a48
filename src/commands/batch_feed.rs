//! Feeds the records of a batch to the store: slots, groups, bad records, duplicates, progress.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::input;
use super::output_file::{Finished, OutputFile, OutputPath};
use super::revision::{Expiry, Revision, is_replaced, revised};
use crate::cli::ScheduleBatch;
use crate::contract::{BatchError, BatchView};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{BadRecord, Entry, LeadRecord, ReadError, Records, RejectWriter};
use crate::model::{IfExists, Invalid, Item, LeadId, PhoneNumber, Priority, Status, ZoneName, shortened};
use crate::output::Progress;
use crate::scheduler::{Policy, SlotFinder, Zone, next_slot, parse_time, why_never};
use crate::store::{Added, Imported, NewItem, Put, StoreError};

/// What a batch goes by.
pub(super) struct Plan<'a> {
    pub(super) args: &'a ScheduleBatch,
    pub(super) policy: &'a Arc<Policy>,
    pub(super) now: DateTime<Utc>,
    pub(super) at: DateTime<Utc>,
    pub(super) expires: Option<DateTime<Utc>>,
}

/// What can end a batch; nothing was queued then.
pub(super) enum FeedError {
    Store(StoreError),
    Read(ReadError),
    Command(CommandError),
}

impl From<StoreError> for FeedError {
    fn from(error: StoreError) -> Self {
        FeedError::Store(error)
    }
}

impl From<FeedError> for CommandError {
    fn from(error: FeedError) -> Self {
        error.into_command_error()
    }
}

impl FeedError {
    pub(super) fn into_command_error(self) -> CommandError {
        match self {
            FeedError::Store(error) => error.into(),
            FeedError::Read(error) => CommandError::new(ErrorKind::Failed, error),
            FeedError::Command(error) => error,
        }
    }
}

/// At most so many bad records are named, so that memory stays flat; the count tells of the rest, `--rejects` keeps them.
const MOST_ERRORS: usize = 10_000;

/// The start of the present group, and how many leads it still takes.
struct Pacing {
    start: DateTime<Utc>,
    room: u64,
}

/// What a record and the flags give, of what has a default.
struct Given {
    priority: Option<Priority>,
    at: Option<DateTime<Utc>>,
    max_retries: Option<u32>,
}

impl Given {
    /// What the waiting item of a lead becomes by a record: only what is given changes.
    fn revised(&self, present: &Item, new: &NewItem, policy: &Policy, now: DateTime<Utc>) -> Result<Item, String> {
        let given = Revision {
            priority: self.priority,
            at: self.at,
            expires: new.expires_at.map(Expiry::At),
            max_retries: self.max_retries,
            phone: new.phone.clone(),
            zones: input::zones(&new.zones)?,
            metadata: new.metadata.clone(),
            key: new.key.clone(),
        };
        revised(present, given, policy, now).map(|(item, _)| item)
    }
}

/// What leads of the same zones share.
struct SameZones {
    zones: Vec<Zone>,
    names: Vec<ZoneName>,
    finders: BTreeMap<Priority, SlotFinder>,
}

impl SameZones {
    fn named(names: &[ZoneName]) -> Result<SameZones, String> {
        let zones = input::zones(names)?;
        Ok(SameZones { names: input::zone_names(&zones), zones, finders: BTreeMap::new() })
    }
}

/// A batch that is being queued.
pub(super) struct Feed<'a> {
    plan: &'a Plan<'a>,
    records: Records,
    /// The bytes of the input that have been read.
    taken: Rc<Cell<u64>>,
    progress: Progress,
    rejects: Option<RejectWriter<OutputFile>>,
    /// The rejects once they are whole; they get their name when the batch stays.
    written: Option<Finished>,
    /// By the zones as records name them.
    zones: HashMap<Vec<ZoneName>, Result<SameZones, String>>,
    pacing: Option<Pacing>,
    view: BatchView,
    first_error: Option<String>,
    rest_unread: bool,
}

impl<'a> Feed<'a> {
    pub(super) fn new(
        plan: &'a Plan<'a>,
        records: Records,
        taken: Rc<Cell<u64>>,
        progress: Progress,
        rejects: Option<&OutputPath>,
    ) -> Result<Self, CommandError> {
        let records = if rejects.is_some() { records.keep_raw() } else { records };
        let rejects = rejects.map(OutputPath::open).transpose()?;
        let rejects = rejects.map(|file| RejectWriter::new(file, records.format(), records.header()));
        Ok(Feed {
            plan,
            records,
            taken,
            progress,
            rejects,
            written: None,
            zones: HashMap::new(),
            pacing: None,
            view: BatchView::default(),
            first_error: None,
            rest_unread: false,
        })
    }

    /// Queues every record by `put`, and says whether the batch stays.
    pub(super) fn run(&mut self, put: Put<'_>) -> Result<Imported, FeedError> {
        let mut taken_before = 0;
        while let Some(entry) = self.records.next() {
            let Entry { line, raw, parsed } = entry.map_err(FeedError::Read)?;
            let taken = self.taken.get();
            self.progress.advance(taken.saturating_sub(taken_before), 1);
            taken_before = taken;
            let queued = match parsed {
                Ok(record) => self.queue(line, record, put)?,
                Err(bad) => Err(bad),
            };
            if let Err(bad) = queued {
                self.reject(&raw, bad)?;
            }
        }
        if let Some(rejects) = self.rejects.take() {
            self.written = Some(rejects.finish().and_then(OutputFile::finish).map_err(not_written)?);
        }
        let aborts = self.plan.args.invalid == Invalid::Abort && self.view.invalid > 0;
        let idle = self.view.scheduled == 0;
        Ok(if aborts || idle || self.rest_unread { Imported::Undo } else { Imported::Keep })
    }

    /// The report, and why nothing was queued, if so.
    pub(super) fn finish(self) -> Result<(BatchView, Option<CommandError>), FeedError> {
        self.progress.finish();
        let mut view = self.view;
        let undone = self.plan.args.invalid == Invalid::Abort || self.rest_unread;
        let error = self.first_error.filter(|_| undone).map(|first| {
            let others =
                if view.invalid > 1 { format!(" ({} bad records in all)", view.invalid) } else { String::new() };
            let error = CommandError::message(ErrorKind::Refused, format!("{first}{others}; nothing was queued"));
            if self.rest_unread {
                error
            } else {
                error.with_hint("--invalid skip leaves bad records out, --rejects FILE keeps them")
            }
        });
        if error.is_some() {
            let (errors, invalid) = (view.errors, view.invalid);
            view = BatchView { errors, invalid, ..BatchView::default() };
            return Ok((view, error));
        }
        let misplaced = self.written.and_then(|rejects| rejects.put_in_place().err()).map(|error| {
            let message = format!("the batch is done, but the rejected records could not be written: {error}");
            CommandError::message(ErrorKind::Output, message)
        });
        Ok((view, misplaced))
    }

    fn queue(&mut self, line: u64, record: LeadRecord, put: Put<'_>) -> Result<Result<(), BadRecord>, FeedError> {
        let lead = record.lead.clone();
        let (new, given) = match self.new_item(record) {
            Ok(new) => new,
            Err((field, message)) => return Ok(Err(bad(line, &lead, field, message))),
        };
        let Plan { args, policy, now, .. } = *self.plan;
        let mut slot = new.scheduled_at;
        let mut revise = |present: &Item| {
            if !is_replaced(args.if_exists, present) {
                return Ok(None);
            }
            let revised = given.revised(present, &new, policy, now)?;
            slot = revised.scheduled_at;
            Ok(Some(Box::new(revised)))
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
                self.view.skipped += 1;
                return Ok(Ok(()));
            }
            Added::Irreplaceable(why) => return Ok(Err(bad(line, &lead, "lead_id", why))),
            Added::KeyOfAnotherLead { item, lead: other } => {
                let message = format!("the key names item {item} of another lead, {other}");
                return Ok(Err(bad(line, &lead, "key", message)));
            }
        };
        let view = &mut self.view;
        if let Some(pacing) = &mut self.pacing {
            // A group that no lead joins is none.
            view.groups += u64::from(pacing.room == self.plan.args.batch_size);
            pacing.room = pacing.room.saturating_sub(1);
        }
        view.scheduled += 1;
        // A replaced one keeps the number that it has.
        view.without_phone += u64::from(is_new && new.phone.is_none());
        view.first_id.get_or_insert(id.get());
        view.last_id = Some(id.get());
        view.first_call_at = Some(view.first_call_at.map_or(slot, |first| first.min(slot)));
        view.last_call_at = view.last_call_at.max(Some(slot));
        Ok(Ok(()))
    }

    /// What a record asks for, by the client's policy, and what of it is given; else the field at fault and what is wrong
    /// with it.
    fn new_item(&mut self, record: LeadRecord) -> Result<(NewItem, Given), (&'static str, String)> {
        let (args, policy, now) = (self.plan.args, self.plan.policy, self.plan.now);
        let zone = &policy.hours.zone;
        let time = |field: &'static str, text: String| {
            parse_time(&text, zone, now).map_err(|error| (field, error.to_string()))
        };
        let phone = record.phone.map(|text| PhoneNumber::parse(&text, policy.country_code.as_deref())).transpose();
        let phone = phone.map_err(|error| ("phone", error.to_string()))?;
        let lead = match &phone {
            // However a file writes the number, it is one lead.
            Some(phone) if record.phone_names_lead => {
                phone.as_str().parse::<LeadId>().map_err(|error| ("lead_id", error.to_string()))?
            }
            _ => record.lead,
        };
        let wanted = record.at.map(|text| time("at", text)).transpose()?;
        let expires_at = record.expires.map(|text| time("expires", text)).transpose()?.or(self.plan.expires);
        let given_priority = record.priority.or(args.priority);
        let priority = given_priority.unwrap_or_default();
        let start = self.group_start()?.max(wanted.unwrap_or(now));
        let is_timed = wanted.is_some() || args.at.is_some() || args.batch_interval > TimeDelta::zero();
        let given = Given {
            priority: given_priority,
            at: is_timed.then_some(start),
            max_retries: record.max_retries.or(args.max_retries),
        };
        let same = self.zones.entry(record.timezones).or_insert_with_key(|names| SameZones::named(names));
        let SameZones { zones, names, finders } = same.as_mut().map_err(|message| ("timezone", message.clone()))?;
        let finder =
            finders.entry(priority).or_insert_with(|| SlotFinder::new(policy.clone(), zones.clone(), priority));
        let Some(slot) = finder.next(start) else {
            let never = why_never(&policy.hours, zones, priority, start).map(|never| never.to_string());
            return Err(("timezone", format!("this lead could never be called: {}", never.unwrap_or_default())));
        };
        if expires_at.is_some_and(|expires| expires <= slot) {
            return Err(("expires", format!("it would expire before its first slot, {}", zone.format_local(slot))));
        }
        let new = NewItem {
            lead,
            key: record.key,
            priority,
            status: if slot > now { Status::Scheduled } else { Status::Pending },
            scheduled_at: slot,
            expires_at,
            max_retries: given.max_retries.unwrap_or(policy.retry.max_retries),
            phone,
            zones: names.clone(),
            metadata: record.metadata,
        };
        Ok((new, given))
    }

    /// The start of the group that the next lead belongs to.
    fn group_start(&mut self) -> Result<DateTime<Utc>, (&'static str, String)> {
        let (args, policy) = (self.plan.args, self.plan.policy);
        let priority = args.priority.unwrap_or_default();
        let start = match &self.pacing {
            Some(pacing) if pacing.room > 0 => return Ok(pacing.start),
            Some(pacing) => pacing.start.checked_add_signed(args.batch_interval).unwrap_or(DateTime::<Utc>::MAX_UTC),
            None => self.plan.at,
        };
        let Some(start) = next_slot(&policy.hours, &[], priority, start) else {
            let never = why_never(&policy.hours, &[], priority, start).map(|never| never.to_string());
            return Err(("at", format!("no group could ever start: {}", never.unwrap_or_default())));
        };
        self.pacing = Some(Pacing { start, room: args.batch_size });
        Ok(start)
    }

    fn reject(&mut self, raw: &[u8], mut bad: BadRecord) -> Result<(), FeedError> {
        // A message names the value at fault, and a record may be a megabyte of it.
        bad.message = shortened(&bad.message).into_owned();
        bad.field = bad.field.map(|field| shortened(&field).into_owned());
        self.view.invalid += 1;
        self.rest_unread |= bad.rest_unread;
        if self.first_error.is_none() {
            self.first_error = Some(bad.to_string());
        }
        if let Some(rejects) = &mut self.rejects {
            rejects.write(raw).map_err(not_written)?;
        }
        if self.view.errors.len() < MOST_ERRORS {
            self.view.errors.push(BatchError {
                line: bad.line,
                lead_id: bad.lead,
                field: bad.field,
                message: bad.message,
            });
        }
        Ok(())
    }
}

/// The rejects cannot be kept, so that nothing is queued either.
fn not_written(error: io::Error) -> FeedError {
    let message = format!("cannot write the rejected records: {error}; nothing was queued");
    FeedError::Command(CommandError::message(ErrorKind::Failed, message))
}

fn bad(line: u64, lead: &LeadId, field: &'static str, message: String) -> BadRecord {
    BadRecord { line, lead: Some(lead.to_string()), field: Some(field.to_owned()), message, rest_unread: false }
}
