//! What tests ask of a database beside the intents: the cost of a turn, its statements, and claims without any gate.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::trace::{TraceEvent, TraceEventCodes};

use crate::model::{ItemId, Served};
use crate::store::Claimed;
use crate::store::Finish;
use crate::store::NewAttempt;
use crate::store::Store;

impl Store {
    /// The steps of SQLite's machine that something takes.
    pub(crate) fn count_steps<T>(&mut self, run: impl FnOnce(&mut Store) -> T) -> (u64, T) {
        let steps = Arc::new(AtomicU64::new(0));
        let counter = steps.clone();
        let count = move || {
            counter.fetch_add(1, Ordering::Relaxed);
            false
        };
        self.connection.progress_handler(1, Some(count)).unwrap();
        let done = run(self);
        self.connection.progress_handler(0, None::<fn() -> bool>).unwrap();
        (steps.load(Ordering::Relaxed), done)
    }

    /// The text of every statement that something executes.
    pub(crate) fn statements_of(&mut self, run: impl FnOnce(&mut Store)) -> BTreeSet<String> {
        let heard = Arc::new(Mutex::new(BTreeSet::new()));
        let listener = heard.clone();
        let listen = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                listener.lock().unwrap().insert(statement.sql().into_owned());
            }
        };
        self.connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen)).unwrap();
        run(self);
        self.connection.trace_v2(TraceEventCodes::empty(), None::<fn(TraceEvent<'_>)>).unwrap();
        heard.lock().unwrap().clone()
    }

    /// The steps of the plan of a query.
    pub(crate) fn query_plan(&self, sql: &str) -> Vec<String> {
        let mut plan = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        plan.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap()
    }

    pub(crate) fn execute(&mut self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    /// Claims a queued item that is due, even through closed gates; `None` when it is not queued or not due.
    pub(crate) fn claim_item(&mut self, item: ItemId, attempt: &NewAttempt<'_>) -> Option<Claimed> {
        let mut turn = self.begin_turn().unwrap();
        turn.release_returned(attempt.at).unwrap();
        let item = crate::store::sqlite::read::item::load(turn.reader().connection, item).unwrap();
        let reader = turn.reader();
        let due_in = |group: &crate::store::Group| reader.due_in_group(group, None, usize::MAX, attempt.at).unwrap();
        let groups = reader.groups(Some(&item.client)).unwrap();
        let group = groups.iter().find(|group| due_in(group).iter().any(|due| due.id == item.id))?;
        let client = reader.client_of(group, 0, attempt.at).unwrap();
        let claimed = turn.claim_one(&client, item, attempt).unwrap();
        let served = Served { last_turn: client.served.last_turn + 1, ..client.served };
        turn.remember_turns([&crate::store::ClientState { served, ..client }], attempt.at).unwrap();
        turn.commit().unwrap();
        Some(claimed)
    }

    /// Records the end of a call.
    pub(crate) fn finish(&mut self, finish: &Finish) {
        let mut turn = self.begin_turn().unwrap();
        turn.record(finish).unwrap();
        turn.commit().unwrap();
    }
}
