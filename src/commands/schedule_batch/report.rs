//! What a batch has come to: counts, skipped and bad records, and whether it stays.

use chrono::{DateTime, Utc};

use super::rejects::Rejects;
use super::shared_numbers::Numbers;
use crate::commands::output_path::OutputPath;
use crate::commands::recalled;
use crate::contract::{BatchError, BatchView, SkippedView};
use crate::enqueue::RequestedCall;
use crate::error::{CommandError, ErrorKind};
use crate::intake::{BadRecord, LeaveOut, Records, is_phone_number};
use crate::model::{Evidence, Invalid, ItemId, LeadId, Status, shortened};
use crate::output::word_note;
use crate::store::{NewItem, PastItem};

/// The most bad records that are named, so that memory stays flat. The rest is counted; `--rejects` keeps them all.
const MOST_ERRORS: usize = 10_000;

/// The most words of zones that are named, so that memory stays flat.
const MOST_WORDS: usize = 50;

/// The most skipped records that are named.
const MOST_SKIPPED: usize = 1_000;

/// The report of a batch, while it is being queued.
pub(super) struct BatchReport {
    view: BatchView,
    first_error: Option<String>,
    rest_unread: bool,
    numbers: Numbers,
    rejects: Rejects,
}

impl BatchReport {
    pub(super) fn new(records: &Records, rejects: Option<&OutputPath>) -> Result<BatchReport, CommandError> {
        Ok(BatchReport {
            view: BatchView::default(),
            first_error: None,
            rest_unread: false,
            numbers: Numbers::default(),
            rejects: Rejects::open(records, rejects)?,
        })
    }

    /// Counts an item that was added or replaced.
    pub(super) fn queued(&mut self, id: ItemId, slot: DateTime<Utc>, new: &NewItem, is_new: bool, needs_phone: bool) {
        let view = &mut self.view;
        view.scheduled += 1;
        view.without_phone += u64::from(is_new && new.phone.is_none());
        view.phone_matters |= needs_phone || new.phone.is_some();
        view.phone_leads += u64::from(is_phone_number(new.lead.as_str()));
        if let Some(phone) = &new.phone {
            self.numbers.note(phone);
        }
        view.first_id.get_or_insert(id.get());
        view.last_id = Some(id.get());
        view.first_call_at = Some(view.first_call_at.map_or(slot, |first| first.min(slot)));
        view.last_call_at = view.last_call_at.max(Some(slot));
    }

    /// Counts a lead whose place was found, and notes the words of zones that were read as one.
    pub(super) fn place(&mut self, call: &RequestedCall) {
        self.view.placed += u64::from(!matches!(call.place().evidence, Evidence::Given | Evidence::None));
        if let Some(note) = word_note(call.zone_words(), call.place())
            && (self.view.zone_words.len() < MOST_WORDS || self.view.zone_words.contains_key(&note))
        {
            *self.view.zone_words.entry(note).or_default() += 1;
        }
    }

    /// Counts a duplicate that is left out.
    pub(super) fn skip(&mut self, line: u64, lead: &LeadId, item: ItemId, why: String) {
        self.name_skipped(line, lead, Some(item), why);
    }

    /// Counts a record that says itself that it is not to be queued.
    pub(super) fn leave_out(&mut self, line: u64, lead: &LeadId, reason: LeaveOut) {
        let why = match reason {
            LeaveOut::SaysNo => {
                self.view.said_no += 1;
                "the record says that the person does not want to be called".to_owned()
            }
            LeaveOut::NotWaiting(status) => {
                self.view.not_waiting += 1;
                format!("the record is {status}, and does not wait for a call")
            }
        };
        self.name_skipped(line, lead, None, why);
    }

    fn name_skipped(&mut self, line: u64, lead: &LeadId, item: Option<ItemId>, why: String) {
        let view = &mut self.view;
        view.skipped += 1;
        if view.duplicates.len() < MOST_SKIPPED {
            let (lead_id, item) = (lead.to_string(), item.map(ItemId::get));
            view.duplicates.push(SkippedView { line, lead_id, item, why });
        } else {
            view.more_duplicates += 1;
        }
    }

    /// Counts a lead that is left out since it was called lately or cancelled.
    pub(super) fn skip_past(&mut self, line: u64, lead: &LeadId, past: &PastItem) {
        match past.status {
            Status::Cancelled => self.view.skipped_cancelled += 1,
            _ => self.view.skipped_finished += 1,
        }
        self.name_skipped(line, lead, Some(past.item), recalled::what_was(past));
    }

    /// Names a bad record and keeps its text.
    pub(super) fn reject(&mut self, raw: &[u8], mut bad: BadRecord) -> Result<(), CommandError> {
        // A message names the value at fault, and a record may be a megabyte of it.
        bad.message = shortened(&bad.message).into_owned();
        bad.field = bad.field.map(|field| shortened(&field).into_owned());
        self.view.invalid += 1;
        self.rest_unread |= bad.rest_unread;
        if self.first_error.is_none() {
            self.first_error = Some(bad.to_string());
        }
        self.rejects.write(raw, &bad)?;
        if self.view.errors.len() < MOST_ERRORS {
            let BadRecord { line, lead: lead_id, field, message, .. } = bad;
            self.view.errors.push(BatchError { line, lead_id, field, message });
        }
        Ok(())
    }

    /// Ends the file of bad records, before anything is kept.
    pub(super) fn close_rejects(&mut self) -> Result<(), CommandError> {
        self.rejects.close()
    }

    /// Whether nothing of the batch stays.
    pub(super) fn is_undone(&self, invalid: Invalid) -> bool {
        let aborts = invalid == Invalid::Abort && self.view.invalid > 0;
        aborts || self.view.scheduled == 0 || self.rest_unread
    }

    /// The report, and why nothing was queued, if so.
    pub(super) fn finish(self, invalid: Invalid, groups: u64) -> (BatchView, Option<CommandError>) {
        let view = BatchView { shared_numbers: self.numbers.shared(), ..self.view };
        let undone = invalid == Invalid::Abort || self.rest_unread;
        if let Some(first) = self.first_error.filter(|_| undone) {
            let others =
                if view.invalid > 1 { format!(" ({} bad records in all)", view.invalid) } else { String::new() };
            let error = CommandError::message(ErrorKind::Refused, format!("{first}{others}; nothing was queued"));
            let hint = "--invalid skip leaves bad records out, --rejects FILE keeps them";
            let error = if self.rest_unread { error } else { error.with_hint(hint) };
            let (errors, invalid) = (view.errors, view.invalid);
            return (BatchView { errors, invalid, ..BatchView::default() }, Some(error));
        }
        (BatchView { groups, ..view }, self.rejects.put_in_place())
    }
}
