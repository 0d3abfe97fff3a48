//! Queues one lead, or finds that it is queued already.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use crate::model::{Actor, ClientId, Item, ItemId, ItemKey, LeadId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::change::{self, Changes, Edit};
use crate::store::sqlite::intern::{client_row, find_client};
use crate::store::sqlite::lists::consents;
use crate::store::sqlite::new_item::NewItem;
use crate::store::sqlite::queue::recall::{PastItem, PastItems, Recall};
use crate::store::sqlite::read::item::load;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::TAKES_LEAD;

/// Says what the present item of a lead becomes, none to leave it as it is, or why it cannot become what is wanted.
pub(crate) type Revise<'a> = &'a mut dyn FnMut(&Item) -> Result<Option<Box<Item>>, String>;

/// What became of one lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    New(ItemId),
    /// The waiting item was changed in place.
    Replaced(ItemId),
    /// The key has this item already, and nothing was changed.
    Existing(ItemId),
    /// Refused, and nothing was changed: the lead has this live or held item.
    DuplicateLead(Box<Item>),
    /// Refused, and nothing was changed: the lead or its number was called lately, or the lead was cancelled.
    Past(Box<PastItem>),
    /// Refused, and nothing was changed: the present item of the lead cannot become what is wanted, and why.
    Irreplaceable(String),
    /// Refused, and nothing was changed: the key names an item of another lead.
    KeyOfAnotherLead {
        /// The item that the key names.
        item: ItemId,
        lead: LeadId,
    },
}

impl Store {
    /// Queues one lead of a client; durable when it returns. When the lead has a live or held item already, `revise` is
    /// asked what that becomes.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn add(
        &mut self,
        client: &ClientId,
        new: &NewItem,
        revise: Revise<'_>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Added> {
        self.add_unless_past(client, new, None, revise, by, now)
    }

    /// The same, unless an earlier item of the lead or its number keeps it out.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub fn add_unless_past(
        &mut self,
        client: &ClientId,
        new: &NewItem,
        recall: Option<Recall>,
        revise: Revise<'_>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Added> {
        let mut changes = Changes::told_to(&self.receivers);
        let transaction = self.write()?;
        let added = {
            let added = ItemWriter::new(&transaction, client, recall, by, now)?.put(&mut changes, new, revise)?;
            changes.finish(&transaction)?;
            added
        };
        match &added {
            Added::New(_) | Added::Replaced(_) => transaction.commit()?,
            Added::Existing(_)
            | Added::DuplicateLead(_)
            | Added::Past(_)
            | Added::Irreplaceable(_)
            | Added::KeyOfAnotherLead { .. } => transaction.rollback()?,
        }
        Ok(added)
    }

    /// What a client's key is known for: `Existing` for this lead, `KeyOfAnotherLead`, or none for a new key.
    pub fn known_key(&self, client: &ClientId, key: &ItemKey, lead: &LeadId) -> StoreResult<Option<Added>> {
        match find_client(&self.connection, client)? {
            Some(row) => known_key(&self.connection, row, key, lead),
            None => Ok(None),
        }
    }
}

/// What a key is known for, if it is.
fn known_key(connection: &Connection, client: i64, key: &ItemKey, lead: &LeadId) -> StoreResult<Option<Added>> {
    let mut statement =
        connection.prepare_cached("SELECT item_id, lead_id FROM item_keys WHERE client_id = ?1 AND key = ?2")?;
    let known = statement
        .query_row(params![client, key.as_str()], |row| Ok((rows::item_id(row, 0)?, rows::parsed::<LeadId>(row, 1)?)))
        .optional()?;
    Ok(known.map(
        |(item, named)| {
            if named == *lead { Added::Existing(item) } else { Added::KeyOfAnotherLead { item, lead: named } }
        },
    ))
}

/// Writes new items of one client inside a transaction, with one prepared statement. The changes of the transaction are the
/// caller's: all clients of a file share them.
pub(crate) struct ItemWriter<'transaction> {
    connection: &'transaction Connection,
    insert: Statement<'transaction>,
    /// Asks for the item that a lead has.
    present: Statement<'transaction>,
    past: Option<PastItems<'transaction>>,
    client: i64,
    client_name: ClientId,
    by: Actor,
    now: DateTime<Utc>,
}

impl<'transaction> ItemWriter<'transaction> {
    pub(crate) fn new(
        connection: &'transaction Connection,
        client: &ClientId,
        recall: Option<Recall>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Self> {
        let row = client_row(connection, client)?;
        let past = recall.map(|recall| PastItems::of(connection, row, recall)).transpose()?.flatten();
        let present = format!("SELECT id FROM items WHERE client_id = ?1 AND lead_id = ?2 AND {TAKES_LEAD}");
        Ok(ItemWriter {
            connection,
            insert: change::prepare_insert(connection)?,
            present: connection.prepare(&present)?,
            past,
            client: row,
            client_name: client.clone(),
            by: by.clone(),
            now,
        })
    }

    /// Writes one item, or says why not. A refused one leaves no trace.
    pub(crate) fn put(&mut self, changes: &mut Changes, new: &NewItem, revise: Revise<'_>) -> StoreResult<Added> {
        if let Some(known) = self.known_key(new)? {
            return Ok(known);
        }
        let lead = params![self.client, new.lead.as_str()];
        // Asked first, so that no statement answers by failing, and no id is lost.
        if let Some(present) = self.present.query_row(lead, |row| rows::item_id(row, 0)).optional()? {
            return self.revise(changes, new, present, revise);
        }
        if let Some(past) = &mut self.past
            && let Some(found) = past.find(self.client, new)?
        {
            return Ok(Added::Past(Box::new(found)));
        }
        let by = (&self.by, self.now);
        let id = changes.insert(self.connection, &mut self.insert, self.client, new, None, by)?;
        self.remember_key(new, id)?;
        self.keep_consent(new)?;
        Ok(Added::New(id))
    }

    fn known_key(&self, new: &NewItem) -> StoreResult<Option<Added>> {
        let Some(key) = &new.key else { return Ok(None) };
        known_key(self.connection, self.client, key, &new.lead)
    }

    fn remember_key(&self, new: &NewItem, item: ItemId) -> StoreResult<()> {
        if let Some(key) = &new.key {
            let mut statement = self
                .connection
                .prepare_cached("INSERT INTO item_keys (client_id, key, item_id, lead_id) VALUES (?1, ?2, ?3, ?4)")?;
            statement.execute(params![self.client, key.as_str(), item.row(), new.lead.as_str()])?;
        }
        Ok(())
    }

    /// Keeps the consent of a request that was taken.
    fn keep_consent(&self, new: &NewItem) -> StoreResult<()> {
        if let (Some(consent), Some(phone)) = (&new.consent, &new.phone) {
            consents::put(self.connection, phone, &self.client_name, consent, (&self.by, self.now))?;
        }
        Ok(())
    }

    /// Changes the item that the lead has, if `revise` says so.
    fn revise(
        &mut self,
        changes: &mut Changes,
        new: &NewItem,
        present: ItemId,
        revise: Revise<'_>,
    ) -> StoreResult<Added> {
        let present = load(self.connection, present)?;
        let revised = match revise(&present) {
            Ok(Some(revised)) => revised,
            Ok(None) => return Ok(Added::DuplicateLead(Box::new(present))),
            Err(why) => return Ok(Added::Irreplaceable(why)),
        };
        self.remember_key(new, present.id)?;
        let edit = Edit { by: &self.by, at: self.now, reason: Some("replaced") };
        changes.edit(self.connection, self.client, &present, &revised, &edit)?;
        self.keep_consent(new)?;
        Ok(Added::Replaced(present.id))
    }
}
