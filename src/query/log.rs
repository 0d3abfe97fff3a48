//! Calls and changes of a queue in time order, and those that come while somebody looks.

use std::collections::{HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{AttemptId, CallRecord, ChangeRecord, ClientId};
use crate::store::{CallFilter, CallPosition, Store, StoreError, StoreResult};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LogEntry {
    Call(Box<CallRecord>),
    Change(Box<ChangeRecord>),
}

impl LogEntry {
    /// When the call started, or the change was made.
    pub(crate) fn at(&self) -> DateTime<Utc> {
        match self {
            LogEntry::Call(call) => call.attempt.started_at,
            LogEntry::Change(change) => change.change.at,
        }
    }
}

/// A question to the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogRequest {
    pub client: Option<ClientId>,
    pub since: Option<DateTime<Utc>>,
    pub calls: bool,
    pub changes: bool,
}

impl LogRequest {
    fn wants(&self, entry: &LogEntry) -> bool {
        let (is_of_kind, client) = match entry {
            LogEntry::Call(call) => (self.calls, &call.client),
            LogEntry::Change(change) => (self.changes, &change.client),
        };
        let is_of_client = self.client.as_ref().is_none_or(|wanted| wanted == client);
        is_of_kind && is_of_client && self.since.is_none_or(|since| entry.at() >= since)
    }
}

/// Rows that are read at once.
const PAGE: usize = 1_000;

/// The log from its beginning, or from its last entries on.
pub(crate) struct LogReader<'s> {
    store: &'s Store,
    request: LogRequest,
    calls: VecDeque<CallRecord>,
    changes: VecDeque<ChangeRecord>,
    /// After which the next page stands; none when there is no further one.
    next_calls: Option<Option<CallPosition>>,
    next_changes: Option<i64>,
}

impl<'s> LogReader<'s> {
    pub(crate) fn new(store: &'s Store, request: LogRequest) -> LogReader<'s> {
        let (next_calls, next_changes) = (request.calls.then_some(None), request.changes.then_some(0));
        LogReader { store, request, calls: VecDeque::new(), changes: VecDeque::new(), next_calls, next_changes }
    }

    /// The next entry in time order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn next_entry(&mut self) -> StoreResult<Option<LogEntry>> {
        self.fill()?;
        let call = self.calls.front().map(|call| call.attempt.started_at);
        let change = self.changes.front().map(|change| change.change.at);
        // A call changes its item after its start.
        let is_call = match (call, change) {
            (Some(call), Some(change)) => call <= change,
            (call, _) => call.is_some(),
        };
        Ok(match is_call {
            true => self.calls.pop_front().map(|call| LogEntry::Call(Box::new(call))),
            false => self.changes.pop_front().map(|change| LogEntry::Change(Box::new(change))),
        })
    }

    fn fill(&mut self) -> StoreResult<()> {
        if let Some(after) = self.next_calls.filter(|_| self.calls.is_empty()) {
            let page = self.store.calls(&call_filter(&self.request), after, PAGE)?;
            self.next_calls = page.last().filter(|_| page.len() == PAGE).map(|last| Some(CallPosition::of(last)));
            self.calls.extend(page);
        }
        if let Some(after) = self.next_changes.filter(|_| self.changes.is_empty()) {
            let page = self.store.all_changes(self.request.client.as_ref(), self.request.since, after, PAGE)?;
            self.next_changes = page.last().filter(|_| page.len() == PAGE).map(|last| last.number);
            self.changes.extend(page);
        }
        Ok(())
    }
}

fn call_filter(request: &LogRequest) -> CallFilter {
    CallFilter { client: request.client.clone(), since: request.since, ..CallFilter::default() }
}

/// A claim carries the time from before it waited for the write lock, 30 s at most: calls that started that much before the
/// newest one may still come.
const LATE: TimeDelta = TimeDelta::seconds(60);

/// Follows the log: what was not there at the look before. A call comes once, when it has an outcome.
pub(crate) struct LogFollower {
    request: LogRequest,
    last_change: i64,
    /// Calls without an outcome.
    open: HashSet<AttemptId>,
    /// Calls that started lately and have come already.
    done: HashSet<AttemptId>,
}

impl LogFollower {
    /// Begins after the present entries. Gives back the last `count` of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn begin(store: &Store, request: LogRequest, count: u64) -> StoreResult<(LogFollower, Vec<LogEntry>)> {
        store.at_one_instant(|store| {
            let last_change = store.before_last_changes(None, None, 0)?;
            let mut follower = LogFollower { request, last_change, open: HashSet::new(), done: HashSet::new() };
            // What is there already is no news.
            follower.new_calls(store)?;
            let last = follower.last(store, count)?;
            Ok::<_, StoreError>((follower, last))
        })
    }

    /// The last entries in time order, without calls in progress: those come when they end.
    fn last(&self, store: &Store, count: u64) -> StoreResult<Vec<LogEntry>> {
        let LogRequest { client, since, calls, changes } = &self.request;
        let mut entries = Vec::new();
        let limit = usize::try_from(count).unwrap_or(usize::MAX);
        if *calls && count > 0 {
            let filter = call_filter(&self.request);
            let found = store.calls(&filter, store.before_last_calls(&filter, count)?, limit)?;
            let ended = found.into_iter().filter(|call| !self.open.contains(&call.attempt.id));
            entries.extend(ended.map(|call| LogEntry::Call(Box::new(call))));
        }
        if *changes && count > 0 {
            let after = store.before_last_changes(client.as_ref(), *since, count)?;
            let found = store.all_changes(client.as_ref(), *since, after, limit)?;
            entries.extend(found.into_iter().map(|change| LogEntry::Change(Box::new(change))));
        }
        entries.sort_by_key(LogEntry::at);
        entries.drain(..entries.len().saturating_sub(limit));
        Ok(entries)
    }

    /// What is new since the look before, in time order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn news(&mut self, store: &Store) -> StoreResult<Vec<LogEntry>> {
        store.at_one_instant(|store| {
            let calls = self.new_calls(store)?;
            let mut entries: Vec<LogEntry> = calls.into_iter().map(|call| LogEntry::Call(Box::new(call))).collect();
            loop {
                let page = store.all_changes(None, None, self.last_change, PAGE)?;
                let Some(last) = page.last() else { break };
                self.last_change = last.number;
                entries.extend(page.into_iter().map(|change| LogEntry::Change(Box::new(change))));
            }
            entries.retain(|entry| self.request.wants(entry));
            entries.sort_by_key(LogEntry::at);
            Ok::<_, StoreError>(entries)
        })
    }

    /// The calls that have got an outcome since the look before.
    fn new_calls(&mut self, store: &Store) -> StoreResult<Vec<CallRecord>> {
        let open = store.unfinished_calls()?;
        let mut ended = Vec::new();
        for id in self.open.difference(&open) {
            ended.extend(store.call(*id)?);
        }
        let since = store.newest_call()?.map(|newest| newest - LATE);
        let recent = CallFilter { since, ..CallFilter::default() };
        let (mut done, mut after) = (HashSet::new(), None);
        loop {
            let page = store.calls(&recent, after, PAGE)?;
            let is_last = page.len() < PAGE;
            after = page.last().map(CallPosition::of);
            for call in page {
                let id = call.attempt.id;
                if open.contains(&id) {
                    continue;
                }
                done.insert(id);
                if !self.done.contains(&id) && !self.open.contains(&id) {
                    ended.push(call);
                }
            }
            if is_last {
                break;
            }
        }
        (self.open, self.done) = (open, done);
        Ok(ended)
    }
}
