//! Queues one lead, or finds that it is queued already.

use chrono::{DateTime, Utc};
use rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE;
use rusqlite::{Connection, OptionalExtension, Statement, ToSql, params};

use super::counts::{CountChanges, ItemKind};
use super::edit::{Edit, write_edit};
use super::error::{StoreError, StoreResult};
use super::intern::{ZoneSets, client_row, find_client};
use super::item_row::{self, ItemRow};
use super::schema::TAKES_LEAD;
use super::{Store, rows};
use crate::model::{Actor, ClientId, Item, ItemId, ItemKey, LeadId, Metadata, PhoneNumber, Priority, Status, ZoneName};

/// What is known of an item before it has a number.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Who is called.
    pub lead: LeadId,
    /// The caller's own name of the request.
    pub key: Option<ItemKey>,
    /// How pressing it is.
    pub priority: Priority,
    /// `Pending` or `Scheduled`, by whether the slot is now or later.
    pub status: Status,
    /// The slot.
    pub scheduled_at: DateTime<Utc>,
    /// No attempt starts at or after this instant.
    pub expires_at: Option<DateTime<Utc>>,
    /// Retries allowed.
    pub max_retries: u32,
    /// The number to dial.
    pub phone: Option<PhoneNumber>,
    /// The lead's zones.
    pub zones: Vec<ZoneName>,
    /// What else the caller keeps with it.
    pub metadata: Option<Metadata>,
}

/// Says what the present item of a lead becomes, none to leave it as it is, or why it cannot become what is wanted.
pub type Revise<'a> = &'a mut dyn FnMut(&Item) -> Result<Option<Box<Item>>, String>;

/// What became of one lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// A new item.
    New(ItemId),
    /// The waiting item was changed in place.
    Replaced(ItemId),
    /// The key has this item already, and nothing was changed.
    Existing(ItemId),
    /// Refused, and nothing was changed: the lead has this live or held item.
    DuplicateLead(Box<Item>),
    /// Refused, and nothing was changed: the present item of the lead cannot become what is wanted, and why.
    Irreplaceable(String),
    /// Refused, and nothing was changed: the key names an item of another lead.
    KeyOfAnotherLead {
        /// The item that the key names.
        item: ItemId,
        /// Its lead.
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
        let transaction = self.write()?;
        let added = {
            let mut writer = ItemWriter::new(&transaction, client, by, now)?;
            let added = writer.put(new, revise)?;
            writer.finish()?;
            added
        };
        match &added {
            Added::New(_) | Added::Replaced(_) => transaction.commit()?,
            Added::Existing(_) | Added::DuplicateLead(_) | Added::Irreplaceable(_) | Added::KeyOfAnotherLead { .. } => {
                transaction.rollback()?
            }
        }
        Ok(added)
    }

    /// What a client's key is known for: `Existing` for this lead, `KeyOfAnotherLead`, or none for a new key.
    ///
    /// # Errors
    /// When the database cannot be read.
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

/// Binds parameters from the `first` on. They stay bound from one execution to the next.
fn bind(statement: &mut Statement<'_>, first: usize, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
    values.iter().zip(first..).try_for_each(|(value, index)| statement.raw_bind_parameter(index, value))
}

/// Priority, status, zones, slot, expiry and retries.
type Alike = (Priority, Status, i64, DateTime<Utc>, Option<DateTime<Utc>>, u32);

/// Writes new items of one client inside a transaction, with one prepared statement.
pub(super) struct ItemWriter<'transaction> {
    connection: &'transaction Connection,
    insert: Statement<'transaction>,
    /// What is bound that is mostly the same for one item after another.
    bound: Option<Alike>,
    client: i64,
    by: Actor,
    now: DateTime<Utc>,
    zone_sets: ZoneSets,
    counts: CountChanges,
}

impl<'transaction> ItemWriter<'transaction> {
    pub(super) fn new(
        connection: &'transaction Connection,
        client: &ClientId,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> StoreResult<Self> {
        let client = client_row(connection, client)?;
        let mut insert = connection.prepare(
            "INSERT INTO items (client_id, created_by, created_at, updated_at, lead_id, key, priority, status, zones,
                 scheduled_at, first_slot_at, expires_at, max_retries, phone, metadata)
             VALUES (?1, ?2, ?3, ?3, ?10, ?11, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?12, ?13)",
        )?;
        bind(&mut insert, 1, &[&client, &by.as_str(), &now.timestamp_millis()])?;
        Ok(ItemWriter {
            connection,
            insert,
            bound: None,
            client,
            by: by.clone(),
            now,
            zone_sets: ZoneSets::default(),
            counts: CountChanges::default(),
        })
    }

    /// Writes one item, or says why not. A refused one leaves no trace.
    pub(super) fn put(&mut self, new: &NewItem, revise: Revise<'_>) -> StoreResult<Added> {
        if let Some(known) = self.known_key(new)? {
            return Ok(known);
        }
        let zones = self.zone_sets.row(self.connection, &new.zones)?;
        if !self.insert(new, zones)? {
            return self.present_item(new, revise);
        }
        let row = self.connection.last_insert_rowid();
        let kind = ItemKind { status: new.status, priority: new.priority, held: false, retried: false };
        self.counts.add(self.client, kind);
        self.remember_key(new, row)?;
        ItemId::from_row(row).map(Added::New).ok_or(StoreError::Lost(row))
    }

    /// Whether the item could be inserted: it cannot when its lead has one already. `ON CONFLICT DO NOTHING` would say the
    /// same, but makes every insertion slower by a twentieth.
    fn insert(&mut self, new: &NewItem, zones: i64) -> rusqlite::Result<bool> {
        let alike = (new.priority, new.status, zones, new.scheduled_at, new.expires_at, new.max_retries);
        if self.bound != Some(alike) {
            let (priority, status) = (new.priority.rank(), new.status.as_str());
            let scheduled_at = new.scheduled_at.timestamp_millis();
            let expires_at = new.expires_at.map(|at| at.timestamp_millis());
            bind(&mut self.insert, 4, &[&priority, &status, &zones, &scheduled_at, &expires_at, &new.max_retries])?;
            self.bound = Some(alike);
        }
        let key = new.key.as_ref().map(ItemKey::as_str);
        let phone = new.phone.as_ref().map(PhoneNumber::as_str);
        let metadata = new.metadata.as_ref().map(Metadata::as_str);
        bind(&mut self.insert, 10, &[&new.lead.as_str(), &key, &phone, &metadata])?;
        match self.insert.raw_execute() {
            Ok(_) => Ok(true),
            Err(error) if error.sqlite_error().is_some_and(|found| found.extended_code == SQLITE_CONSTRAINT_UNIQUE) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes what was counted.
    pub(super) fn finish(self) -> StoreResult<()> {
        self.counts.write(self.connection)
    }

    fn known_key(&self, new: &NewItem) -> StoreResult<Option<Added>> {
        let Some(key) = &new.key else { return Ok(None) };
        known_key(self.connection, self.client, key, &new.lead)
    }

    fn remember_key(&self, new: &NewItem, row: i64) -> StoreResult<()> {
        if let Some(key) = &new.key {
            let mut statement = self
                .connection
                .prepare_cached("INSERT INTO item_keys (client_id, key, item_id, lead_id) VALUES (?1, ?2, ?3, ?4)")?;
            statement.execute(params![self.client, key.as_str(), row, new.lead.as_str()])?;
        }
        Ok(())
    }

    fn present_item(&mut self, new: &NewItem, revise: Revise<'_>) -> StoreResult<Added> {
        let sql = format!("{} WHERE client_id = ?1 AND lead_id = ?2 AND {TAKES_LEAD}", item_row::select_item(""));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let present = statement.query_row(params![self.client, new.lead.as_str()], ItemRow::read)?.item()?;
        let revised = match revise(&present) {
            Ok(Some(revised)) => revised,
            Ok(None) => return Ok(Added::DuplicateLead(Box::new(present))),
            Err(why) => return Ok(Added::Irreplaceable(why)),
        };
        self.remember_key(new, present.id.row())?;
        let edit = Edit { by: &self.by, at: self.now, reason: Some("replaced") };
        write_edit(self.connection, &edit, &present, &revised, &mut self.zone_sets, &mut self.counts)?;
        Ok(Added::Replaced(present.id))
    }
}
