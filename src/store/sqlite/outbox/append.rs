//! Writes events beside the changes that they tell, if a receiver wants them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{
    Actor, AttemptId, CallResult, ClientId, EventReceiver, EventReceivers, EventType, Item, ItemId, PhoneNumber,
    Priority, RunId, Status,
};
use crate::store::error::StoreResult;
use crate::store::sqlite::cause::{Cause, Edit};
use crate::store::sqlite::new_item::NewItem;

/// What an item is at the moment of an event.
#[derive(Clone, Copy)]
struct Moment<'a> {
    id: ItemId,
    lead: &'a str,
    status: Status,
    held: bool,
    priority: Priority,
    scheduled_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    phone: Option<&'a PhoneNumber>,
    attempts: u32,
    counted_attempts: u32,
    max_retries: u32,
    last_reason: Option<&'a str>,
}

impl<'a> Moment<'a> {
    fn of(item: &'a Item) -> Moment<'a> {
        Moment {
            id: item.id,
            lead: item.lead.as_str(),
            status: item.status,
            held: item.held,
            priority: item.priority,
            scheduled_at: item.scheduled_at,
            expires_at: item.expires_at,
            phone: item.phone.as_ref(),
            attempts: item.attempts,
            counted_attempts: item.counted_attempts,
            max_retries: item.max_retries,
            last_reason: item.last_reason.as_deref(),
        }
    }

    fn of_new(id: ItemId, new: &'a NewItem) -> Moment<'a> {
        Moment {
            id,
            lead: new.lead.as_str(),
            status: new.status,
            held: false,
            priority: new.priority,
            scheduled_at: new.scheduled_at,
            expires_at: new.expires_at,
            phone: new.phone.as_ref(),
            attempts: 0,
            counted_attempts: 0,
            max_retries: new.max_retries,
            last_reason: None,
        }
    }
}

/// An event to be written.
#[derive(Clone, Copy)]
struct NewEvent<'a> {
    kind: EventType,
    at: DateTime<Utc>,
    by: Option<&'a str>,
    client: Option<i64>,
    item: Option<Moment<'a>>,
    attempt: Option<AttemptId>,
    outcome: Option<&'a str>,
    reason: Option<&'a str>,
    changed: Option<&'a str>,
    entry: Option<i64>,
    run: Option<RunId>,
}

impl NewEvent<'_> {
    fn of(kind: EventType, at: DateTime<Utc>) -> NewEvent<'static> {
        NewEvent {
            kind,
            at,
            by: None,
            client: None,
            item: None,
            attempt: None,
            outcome: None,
            reason: None,
            changed: None,
            entry: None,
            run: None,
        }
    }
}

/// The events of one transaction.
#[derive(Debug, Default)]
pub(crate) struct EventWriter {
    receivers: EventReceivers,
    /// The rows of receivers that had an event, by their names.
    rows: HashMap<String, i64>,
    /// The names of clients, for receivers that want only some.
    clients: HashMap<i64, Option<ClientId>>,
    /// The id of the next event, once it was asked for; written at the end.
    next: Option<i64>,
}

impl EventWriter {
    /// Events for those who want them.
    pub(crate) fn to(receivers: &EventReceivers) -> EventWriter {
        EventWriter { receivers: receivers.clone(), ..EventWriter::default() }
    }

    /// A new item.
    pub(crate) fn added(
        &mut self,
        connection: &Connection,
        client: i64,
        (id, new): (ItemId, &NewItem),
        (by, at): (&Actor, DateTime<Utc>),
    ) -> StoreResult<()> {
        let item = Some(Moment::of_new(id, new));
        let event = NewEvent::of(EventType::ItemAdded, at);
        self.write(connection, &NewEvent { by: Some(by.as_str()), client: Some(client), item, ..event })
    }

    /// A change of an item. `changed` names the fields that a person or a rule changed.
    pub(crate) fn changed(
        &mut self,
        connection: &Connection,
        client: i64,
        (before, after): (&Item, &Item),
        cause: Cause<'_>,
        changed: &[&'static str],
    ) -> StoreResult<()> {
        if self.receivers.is_empty() {
            return Ok(());
        }
        let (client, item) = (Some(client), Some(Moment::of(after)));
        let event = |kind| NewEvent { client, item, ..NewEvent::of(kind, after.updated_at) };
        let is_cancelled = after.status == Status::Cancelled && before.status != Status::Cancelled;
        match cause {
            Cause::Edit(&Edit { by, reason, .. }) => {
                let names = changed.join(" ");
                let kind = if is_cancelled { EventType::ItemCancelled } else { EventType::ItemChanged };
                if !changed.is_empty() {
                    let (by, changed) = (Some(by.as_str()), Some(names.as_str()));
                    self.write(connection, &NewEvent { by, reason, changed, ..event(kind) })?;
                }
            }
            Cause::CallBegins(attempt, _) | Cause::CallFound(Some(attempt), _) => {
                self.write(connection, &NewEvent { attempt: Some(attempt), ..event(EventType::CallStarted) })?;
            }
            Cause::CallEnds(attempt, result) => {
                let (outcome, reason) = (Some(result.outcome.as_str()), result.reason.as_deref());
                let attempt = Some(attempt);
                self.write(connection, &NewEvent { attempt, outcome, reason, ..event(EventType::CallFinished) })?;
                if is_cancelled {
                    self.write(connection, &NewEvent { attempt, ..event(EventType::ItemCancelled) })?;
                }
            }
            Cause::CallFound(None, _) => {}
        }
        if after.held && !before.held {
            self.write(connection, &NewEvent { reason: after.last_reason.as_deref(), ..event(EventType::ItemHeld) })?;
        }
        Ok(())
    }

    /// The result of an attempt that came outside of its run; the item is as it is now.
    pub(crate) fn settled(
        &mut self,
        connection: &Connection,
        (client, item): (i64, &Item),
        attempt: AttemptId,
        result: &CallResult,
        edit: &Edit<'_>,
    ) -> StoreResult<()> {
        let event = NewEvent {
            by: Some(edit.by.as_str()),
            client: Some(client),
            item: Some(Moment::of(item)),
            attempt: Some(attempt),
            outcome: Some(result.outcome.as_str()),
            reason: result.reason.as_deref(),
            ..NewEvent::of(EventType::CallFinished, edit.at)
        };
        self.write(connection, &event)
    }

    /// The window of a promised call has passed without it.
    pub(crate) fn callback_missed(
        &mut self,
        connection: &Connection,
        (client, item): (i64, &Item),
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        let (client, item) = (Some(client), Some(Moment::of(item)));
        self.write(connection, &NewEvent { client, item, ..NewEvent::of(EventType::CallbackMissed, at) })
    }

    /// A new entry of the do-not-call list.
    pub(crate) fn blocked(
        &mut self,
        connection: &Connection,
        (entry, client): (i64, Option<i64>),
        (by, at): (&Actor, DateTime<Utc>),
    ) -> StoreResult<()> {
        let event = NewEvent::of(EventType::NumberBlocked, at);
        self.write(connection, &NewEvent { by: Some(by.as_str()), client, entry: Some(entry), ..event })
    }

    /// A client whose dispatcher fails.
    pub(crate) fn failing(
        &mut self,
        connection: &Connection,
        (client, run, reason): (i64, RunId, &str),
        (by, at): (&Actor, DateTime<Utc>),
    ) -> StoreResult<()> {
        let event = NewEvent::of(EventType::DispatcherFailing, at);
        let (by, client, run, reason) = (Some(by.as_str()), Some(client), Some(run), Some(reason));
        self.write(connection, &NewEvent { by, client, run, reason, ..event })
    }

    /// A run that ended because nothing more was due and allowed; of one client, or of all.
    pub(crate) fn drained(
        &mut self,
        connection: &Connection,
        (client, run): (Option<i64>, RunId),
        at: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.write(connection, &NewEvent { client, run: Some(run), ..NewEvent::of(EventType::QueueDrained, at) })
    }

    /// Writes one event for each receiver that wants it.
    fn write(&mut self, connection: &Connection, event: &NewEvent<'_>) -> StoreResult<()> {
        if !self.receivers.want(event.kind) {
            return Ok(());
        }
        let mut id = None;
        let receivers = self.receivers.clone();
        for receiver in receivers.all() {
            if receiver.events.contains(&event.kind) && self.is_of_client(connection, receiver, event.client)? {
                let row = self.receiver_row(connection, &receiver.name)?;
                let id = match id {
                    Some(id) => id,
                    None => *id.insert(self.next_id(connection)?),
                };
                insert(connection, row, id, event)?;
            }
        }
        Ok(())
    }

    fn is_of_client(
        &mut self,
        connection: &Connection,
        receiver: &EventReceiver,
        client: Option<i64>,
    ) -> StoreResult<bool> {
        let (Some(client), false) = (client, receiver.clients.is_empty()) else { return Ok(true) };
        let name = match self.clients.entry(client) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let mut statement = connection.prepare_cached("SELECT name FROM clients WHERE id = ?1")?;
                let name: Option<String> = statement.query_row([client], |row| row.get(0)).optional()?;
                unknown.insert(name.and_then(|name| name.parse().ok()))
            }
        };
        Ok(name.as_ref().is_some_and(|name| receiver.clients.contains(name)))
    }

    fn receiver_row(&mut self, connection: &Connection, name: &str) -> StoreResult<i64> {
        if let Some(row) = self.rows.get(name) {
            return Ok(*row);
        }
        let mut find = connection.prepare_cached("SELECT id FROM event_receivers WHERE name = ?1")?;
        let row = match find.query_row([name], |row| row.get(0)).optional()? {
            Some(row) => row,
            None => {
                let mut insert =
                    connection.prepare_cached("INSERT INTO event_receivers (name) VALUES (?1) RETURNING id")?;
                insert.query_row([name], |row| row.get(0))?
            }
        };
        self.rows.insert(name.to_owned(), row);
        Ok(row)
    }

    fn next_id(&mut self, connection: &Connection) -> StoreResult<i64> {
        let id = match self.next {
            Some(next) => next,
            None => connection.prepare_cached("SELECT id FROM next_event")?.query_row([], |row| row.get(0))?,
        };
        self.next = Some(id.saturating_add(1));
        Ok(id)
    }

    /// Remembers the ids that were given.
    pub(crate) fn finish(&self, connection: &Connection) -> StoreResult<()> {
        if let Some(next) = self.next {
            connection.prepare_cached("UPDATE next_event SET id = ?1")?.execute([next])?;
        }
        Ok(())
    }
}

fn insert(connection: &Connection, receiver: i64, id: i64, event: &NewEvent<'_>) -> StoreResult<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO outbox (receiver, id, type, at, by, client_id, item_id, lead_id, status, held, priority, scheduled_at,
             expires_at, phone, attempts, tries, max_retries, last_reason, attempt, outcome, reason, changed, entry, run_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
             ?24)",
    )?;
    let item = event.item;
    statement.execute(params![
        receiver,
        id,
        event.kind.as_str(),
        event.at.timestamp_millis(),
        event.by,
        event.client,
        item.map(|item| item.id.row()),
        item.map(|item| item.lead),
        item.map(|item| item.status.as_str()),
        item.map(|item| item.held),
        item.map(|item| item.priority.rank()),
        item.map(|item| item.scheduled_at.timestamp_millis()),
        item.and_then(|item| item.expires_at).map(|at| at.timestamp_millis()),
        item.and_then(|item| item.phone).map(PhoneNumber::as_str),
        item.map(|item| item.attempts),
        item.map(|item| item.counted_attempts),
        item.map(|item| item.max_retries),
        item.and_then(|item| item.last_reason),
        event.attempt.map(|attempt| attempt.as_bytes().to_vec()),
        event.outcome,
        event.reason,
        event.changed,
        event.entry,
        event.run.map(|run| run.as_bytes().to_vec()),
    ])?;
    Ok(())
}
