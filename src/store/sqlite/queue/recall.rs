//! Whether a lead or its number was called lately, or the lead was cancelled.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use crate::model::{ItemId, LeadId, PhoneNumber, Status};
use crate::store::error::StoreResult;
use crate::store::sqlite::new_item::NewItem;
use crate::store::sqlite::read::rows;

/// Which earlier items of a client keep a new one out: the cancelled ones of its lead, and finished ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recall {
    /// Items of the lead or the number that finished after this instant; none for no finished one at all.
    pub finished_after: Option<DateTime<Utc>>,
}

/// An earlier item that keeps a new one out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastItem {
    pub item: ItemId,
    pub lead: LeadId,
    /// Completed, failed or cancelled.
    pub status: Status,
    pub reason: Option<String>,
    pub ended_at: DateTime<Utc>,
}

/// Asks for the earlier items of a client.
pub(crate) struct PastItems<'connection> {
    of_lead: Statement<'connection>,
    of_number: Statement<'connection>,
    finished_after: Option<i64>,
}

impl<'connection> PastItems<'connection> {
    /// None where nothing needs to be asked: of a client without an ended item nobody was called, and a batch into an
    /// empty queue is not slowed down.
    pub(crate) fn of(connection: &'connection Connection, client: i64, recall: Recall) -> StoreResult<Option<Self>> {
        let ended =
            "SELECT 1 FROM item_counts WHERE client_id = ?1 AND n > 0 AND (status = 'completed' OR status = 'failed'
                         OR status = 'cancelled') LIMIT 1";
        if connection.query_row(ended, [client], |_| Ok(())).optional()?.is_none() {
            return Ok(None);
        }
        let columns = "SELECT id, lead_id, status, last_reason, updated_at FROM items";
        let finished = "(status = 'completed' OR status = 'failed') AND (status = 'completed' OR tries > 0)";
        // Cancelled is what became of a lead at last; a call is a call, whatever came after it.
        let of_lead = format!(
            "{columns} WHERE lead_id = ?2 AND client_id = ?1
                 AND ((status = 'cancelled' AND NOT EXISTS (SELECT 1 FROM items AS later WHERE later.lead_id = ?2
                           AND later.client_id = ?1 AND later.id > items.id))
                      OR ({finished} AND updated_at > ?3))
             ORDER BY id DESC LIMIT 1"
        );
        let of_number = format!(
            "{columns} WHERE phone = ?2 AND client_id = ?1 AND {finished} AND updated_at > ?3
             ORDER BY updated_at DESC LIMIT 1"
        );
        Ok(Some(PastItems {
            of_lead: connection.prepare(&of_lead)?,
            of_number: connection.prepare(&of_number)?,
            finished_after: recall.finished_after.map(|at| at.timestamp_millis()),
        }))
    }

    /// The earlier item that keeps a new one out, if there is one.
    pub(crate) fn find(&mut self, client: i64, new: &NewItem) -> StoreResult<Option<PastItem>> {
        // Nothing is later than the end of time.
        let after = self.finished_after.unwrap_or(i64::MAX);
        let of_lead = params![client, new.lead.as_str(), after];
        if let Some(past) = self.of_lead.query_row(of_lead, read).optional()? {
            return Ok(Some(past));
        }
        let Some(phone) = new.phone.as_ref().filter(|_| self.finished_after.is_some()) else { return Ok(None) };
        Ok(self.of_number.query_row(params![client, PhoneNumber::as_str(phone), after], read).optional()?)
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<PastItem> {
    Ok(PastItem {
        item: rows::item_id(row, 0)?,
        lead: rows::parsed(row, 1)?,
        status: rows::parsed(row, 2)?,
        reason: row.get(3)?,
        ended_at: rows::instant(row, 4)?,
    })
}
