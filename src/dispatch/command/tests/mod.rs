//! Real programs, started and followed: a sandbox that the tests share, and the tests by theme.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use chrono::DateTime;
use tempfile::TempDir;

use super::dispatcher::CommandDispatcher;
use super::grace_periods::GracePeriods;
use crate::dispatch::{AlwaysOpen, Call, Dispatcher, Ended, LeaseFolder};
use crate::model::LeadPlace;
use crate::model::{AttemptId, CallResult, DispatchSettings, Item, ItemId, Outcome, Priority, Status};

mod ends;
mod environment;
mod results;
mod streams;

/// How long a test waits for what must come; only a broken program makes it wait so long.
const NEVER: Duration = Duration::from_secs(120);

struct Sandbox {
    folder: TempDir,
    leases: LeaseFolder,
    dispatcher: CommandDispatcher,
    ended: Receiver<Ended>,
    attempts: u8,
}

impl Sandbox {
    fn new() -> Sandbox {
        Sandbox::with(GracePeriods::default())
    }

    fn with(grace: GracePeriods) -> Sandbox {
        // Whatever the caller of the tests ignores, as under `nohup`.
        crate::interrupt::handle_ignored().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let leases = LeaseFolder::open(&folder.path().join("queue.db"));
        let (sender, ended) = mpsc::channel();
        let dispatcher =
            CommandDispatcher::with_grace_periods(sender, std::env::vars_os().collect(), Arc::new(AlwaysOpen), grace)
                .unwrap();
        Sandbox { folder, leases, dispatcher, ended, attempts: 0 }
    }

    /// A named pipe on which a script can wait until the test writes to it. Open both ways, so that opening never blocks.
    fn gate(&self, name: &str) -> (PathBuf, File) {
        let path = self.path().join(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let gate = File::options().read(true).write(true).open(&path).unwrap();
        (path, gate)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn call(&mut self, command: &[&str]) -> Call {
        let settings = DispatchSettings {
            command: command.iter().map(|argument| (*argument).to_owned()).collect(),
            ..DispatchSettings::default()
        };
        self.call_with(settings)
    }

    fn call_with(&mut self, settings: DispatchSettings) -> Call {
        self.attempts += 1;
        let attempt = AttemptId::from_bytes([self.attempts; 16]);
        Call {
            attempt,
            number: 2,
            item: item(),
            started_at: DateTime::from_timestamp_millis(1_795_257_000_123).unwrap(),
            settings: Arc::new(settings),
            lease: self.leases.take(attempt).unwrap(),
            result_file: self.leases.result_file(attempt),
        }
    }

    fn start(&mut self, call: Call) {
        self.dispatcher.start(call);
    }

    fn end(&self) -> Ended {
        self.ended.recv_timeout(NEVER).expect("the call ends")
    }

    fn run(&mut self, call: Call) -> CallResult {
        self.start(call);
        self.end().result
    }

    /// The result of a shell script.
    fn sh(&mut self, script: &str) -> CallResult {
        let call = self.call(&["sh", "-c", script]);
        self.run(call)
    }
}

fn item() -> Item {
    let now = DateTime::from_timestamp_millis(1_795_256_000_000).unwrap();
    Item {
        id: ItemId::from_row(42).unwrap(),
        key: Some("order-7".parse().unwrap()),
        client: "acme".parse().unwrap(),
        lead: "lead \"é\"".parse().unwrap(),
        priority: Priority::High,
        status: Status::InProgress,
        held: false,
        scheduled_at: now,
        asked_at: None,
        promise: None,
        not_before: None,
        blocked_by: None,
        expires_at: None,
        counted_attempts: 2,
        no_retry: false,
        max_retries: 3,
        attempts: 2,
        phone: Some("+12125554567".parse().unwrap()),
        region: None,
        place: LeadPlace::of_zones(vec!["America/New_York".parse().unwrap()]).into(),
        metadata: Some("{\"a\": 1.50,\n \"b\": \"x\"}".parse().unwrap()),
        last_reason: Some("busy".to_owned()),
        created_at: now,
        created_by: "ann".to_owned(),
        updated_at: now,
    }
}

fn said(result: &CallResult) -> (Outcome, Option<&str>) {
    (result.outcome, result.reason.as_deref())
}
