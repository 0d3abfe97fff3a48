//! What an answer of the store means for a record: its item, a skipped record or a bad one.

use super::report::BatchReport;
use crate::commands::recalled;
use crate::intake::BadRecord;
use crate::model::{IfExists, ItemId, LeadId};
use crate::store::{Added, NewItem};

/// The item that was added or replaced; none for a record that the report counts as skipped.
pub(super) fn queued_item(
    added: Added,
    if_exists: IfExists,
    line: u64,
    new: &NewItem,
    report: &mut BatchReport,
) -> Result<Option<ItemId>, BadRecord> {
    let lead = &new.lead;
    match added {
        Added::New(id) | Added::Replaced(id) => return Ok(Some(id)),
        Added::DuplicateLead(present) if if_exists != IfExists::Skip => {
            let message = format!("the lead is queued already: item {} is {}", present.id, present.status);
            return Err(bad(line, lead, "lead_id", message));
        }
        Added::DuplicateLead(present) => {
            let state = if present.held { "held".to_owned() } else { present.status.to_string() };
            report.skip(line, lead, present.id, format!("the lead is queued already: {state}"));
        }
        Added::Existing(id) => {
            let key = new.key.as_ref().map(ToString::to_string).unwrap_or_default();
            report.skip(line, lead, id, format!("key {key} was used before"));
        }
        Added::Past(past) if if_exists == IfExists::Error => {
            return Err(bad(line, lead, "lead_id", recalled::refusal(&past)));
        }
        Added::Past(past) => report.skip_past(line, lead, &past),
        Added::Irreplaceable(why) => return Err(bad(line, lead, "lead_id", why)),
        Added::KeyOfAnotherLead { item, lead: other } => {
            let message = format!("the key names item {item} of another lead, {other}");
            return Err(bad(line, lead, "key", message));
        }
    }
    Ok(None)
}

/// A record that is refused for one of its fields.
pub(super) fn bad(line: u64, lead: &LeadId, field: &str, message: String) -> BadRecord {
    BadRecord { line, lead: Some(lead.to_string()), field: Some(field.to_owned()), message, rest_unread: false }
}
