//! What places calls with a provider on loopback: a dispatcher, its client and a clock that stands still.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use callq::clock::{Clock, ManualClock};
use callq::config::Locations;
use callq::dispatch::{AlwaysOpen, Call, Dispatcher, Ended, LeaseFolder, RetellClient, RetellDispatcher, StartGate};
use callq::model::{AttemptId, DispatchKind, DispatchSettings, Item, ItemId, Priority, RetellSettings, Status};
use chrono::{DateTime, TimeDelta, Utc};

use super::Sandbox;
use super::provider::{KEY, Provider};

/// A dispatcher that places calls with a provider on loopback.
pub(crate) struct Office {
    folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) client: RetellClient,
    pub(crate) dispatcher: RetellDispatcher,
    pub(crate) ended: Receiver<Ended>,
    pub(crate) settings: RetellSettings,
    placed: u8,
}

impl Office {
    /// When its clock begins: 2026-11-23 15:00 UTC.
    pub(crate) const START: DateTime<Utc> = DateTime::from_timestamp(1_795_446_000, 0).unwrap();

    /// An office that uses the provider at an address, with the right key.
    pub(crate) fn new(base_url: String) -> Office {
        Office::with_key(base_url, KEY)
    }

    /// An office with any key.
    pub(crate) fn with_key(base_url: String, key: &str) -> Office {
        let clock = Arc::new(ManualClock::at(Office::START));
        let (client, dispatcher, ended) = open(clock.clone(), key);
        let settings = RetellSettings {
            base_url,
            from_number: "+12125550000".parse().unwrap(),
            api_key_env: "OUR_KEY".to_owned(),
            api_key_file: None,
            agent_id: None,
            agent_version: None,
            dynamic_variables: [].into(),
            // Long enough for a busy machine; tests of the time-out itself shorten it.
            request_timeout: TimeDelta::seconds(60),
            poll_interval: TimeDelta::seconds(10),
        };
        let folder = tempfile::tempdir().unwrap();
        Office { folder, clock, client, dispatcher, ended, settings, placed: 0 }
    }

    /// Goes by another clock, with the right key.
    pub(crate) fn use_clock(&mut self, clock: Arc<dyn Clock>) {
        (self.client, self.dispatcher, self.ended) = open(clock, KEY);
    }

    /// Asks another gate before each request that places a call.
    pub(crate) fn use_gate(&mut self, gate: Arc<dyn StartGate>) {
        let (sender, ended) = channel();
        (self.dispatcher, self.ended) = (RetellDispatcher::new(sender, self.client.clone(), gate), ended);
    }

    fn leases(&self) -> LeaseFolder {
        LeaseFolder::open(&self.folder.path().join("queue.db"))
    }

    /// A call to be placed, of an item and an attempt of its own.
    pub(crate) fn call(&mut self) -> Call {
        self.placed += 1;
        let attempt = AttemptId::new(Office::START, [self.placed; 10]);
        let item = Item {
            id: ItemId::from_row(i64::from(self.placed)).unwrap(),
            key: None,
            client: "acme".parse().unwrap(),
            lead: "lead-17".parse().unwrap(),
            priority: Priority::Normal,
            status: Status::InProgress,
            held: false,
            scheduled_at: Office::START,
            asked_at: None,
            promise: None,
            not_before: None,
            blocked_by: None,
            expires_at: None,
            counted_attempts: 1,
            max_retries: 3,
            attempts: 1,
            no_retry: false,
            phone: Some("+15557654321".parse().unwrap()),
            region: None,
            place: Default::default(),
            metadata: Some(r#"{"name": "Zoë", "age": 41, "town": null, "tags": ["a"]}"#.parse().unwrap()),
            last_reason: None,
            created_at: Office::START,
            created_by: "ann".to_owned(),
            updated_at: Office::START,
        };
        let settings = DispatchSettings {
            kind: DispatchKind::Retell,
            retell: Some(self.settings.clone()),
            ..callq::config::load(&Locations::default()).unwrap().policies.defaults().dispatch.clone()
        };
        Call {
            attempt,
            number: 1,
            item,
            started_at: self.clock.now(),
            settings: Arc::new(settings),
            lease: self.leases().take(attempt).unwrap(),
            result_file: PathBuf::new(),
        }
    }

    /// Places a call and waits until that has come to an end.
    pub(crate) fn place(&mut self) -> Ended {
        let call = self.call();
        self.end_of(call)
    }

    /// Places this call and waits until that has come to an end.
    pub(crate) fn end_of(&mut self, call: Call) -> Ended {
        self.dispatcher.start(call);
        self.ended.recv().unwrap()
    }

    /// Whether the lease of an attempt says that its request may have been sent.
    pub(crate) fn is_marked(&self, attempt: AttemptId) -> bool {
        std::fs::metadata(self.leases().path().join(attempt.to_string())).unwrap().len() > 0
    }
}

impl Sandbox {
    /// A sandbox on the machine's clock that is open around the clock and whose client acme calls through this provider,
    /// with this number of calls at once.
    pub(crate) fn placing(provider: &Provider, most: u32) -> Sandbox {
        let mut sandbox = Sandbox::new();
        sandbox.unset("CALLQ_NOW");
        sandbox.set("RETELL_API_KEY", KEY);
        sandbox.place_with(provider, most, "");
        sandbox
    }

    /// Writes the configuration of [`Sandbox::placing`], with further lines for its dispatch table.
    pub(crate) fn place_with(&mut self, provider: &Provider, most: u32, more: &str) {
        let url = provider.base_url();
        let table = format!("kind = \"retell\"\nbase_url = {url:?}\nfrom_number = \"+12125550000\"\n{more}");
        let config = Sandbox::always_open(&table).replace("max_concurrent = 1", &format!("max_concurrent = {most}"));
        self.configure(&config);
    }

    /// Queues this number of leads of client acme, each with a number of its own.
    pub(crate) fn queue(&self, count: usize) {
        let leads: String = (1..=count).map(|n| format!("lead-{n},+1212{:07}\n", 2_000_000 + n)).collect();
        self.run_with_input("schedule-batch -c acme --input csv -f -", format!("lead_id,phone\n{leads}"))
            .expect_code(0);
    }

    /// Gives this number of further clients an account of their own with the provider, and queues a lead of each.
    pub(crate) fn queue_accounts(&mut self, provider: &Provider, most: u32, count: usize) {
        self.place_with(provider, most, "");
        let mut config = std::fs::read_to_string(self.path("config/config.toml")).unwrap();
        for n in 1..=count {
            self.set(&format!("KEY_{n}"), KEY);
            config += &format!("[clients.client-{n}.dispatch]\napi_key_env = \"KEY_{n}\"\n");
        }
        self.configure(&config);
        for n in 1..=count {
            let phone = format!("+1917{:07}", 2_000_000 + n);
            self.run(["add", "-c", &format!("client-{n}"), "lead", "--phone", &phone]).expect_code(0);
        }
    }
}

fn open(clock: Arc<dyn Clock>, key: &str) -> (RetellClient, RetellDispatcher, Receiver<Ended>) {
    let key = OsString::from(key);
    let client = RetellClient::new(clock, Arc::new(move |name: &str| (name == "OUR_KEY").then(|| key.clone())));
    let (sender, ended) = channel();
    (client.clone(), RetellDispatcher::new(sender, client, Arc::new(AlwaysOpen)), ended)
}
