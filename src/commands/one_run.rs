//! One run and what it says: what `process` does once, and `watch` again and again.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::context::Context;
use super::run_talk::{RunTalk, Talk};
use super::telling;
use crate::cli::Client;
use crate::config::{Settings, purpose_warning};
use crate::dispatch::LeaseFolder;
use crate::engine::{DatabaseGate, Dispatchers, Engine, EngineError, Polling, RunReport, RunRequest};
use crate::error::CommandError;
use crate::events::Delivery;
use crate::interrupt::Interrupt;
use crate::model::{ClientId, EventReceivers};
use crate::store::{Access, Store};

/// The database that runs work on.
pub(super) struct RunContext {
    pub(super) path: PathBuf,
    pub(super) store: Store,
    /// Whose items are called; none means everybody's.
    pub(super) client: Option<ClientId>,
    leases: LeaseFolder,
    polling: Polling,
    /// Whether it says at times how far a run is.
    pub(super) reports: bool,
    /// Whether it has said that a client has no purpose.
    has_warned: bool,
    /// What tells others of the calls, and whom.
    delivery: Option<Delivery>,
    told: EventReceivers,
}

impl RunContext {
    /// Opens the database, and makes it when there is none.
    pub(super) fn open(named: &Client, context: &Context<'_>) -> Result<RunContext, CommandError> {
        // Refuse a wrong name before a database is made.
        context.client(named)?;
        let path = context.database_path()?;
        let store = context.store(Access::Create)?;
        let client = context.known_client(named, Some(&store))?;
        let leases = LeaseFolder::open(&path);
        Ok(RunContext {
            path,
            store,
            client,
            leases,
            polling: Polling::new(Arc::new(context.retell())),
            reports: false,
            has_warned: false,
            delivery: None,
            told: EventReceivers::default(),
        })
    }

    pub(super) fn run(
        &mut self,
        request: &RunRequest,
        settings: &Settings,
        context: &mut Context<'_>,
        interrupt: &dyn Interrupt,
    ) -> Result<RunReport, EngineError> {
        self.tell(settings, context);
        let signs = context.surroundings.colors;
        let talk = Talk {
            quiet: context.global.quiet,
            each_call: context.global.verbose,
            live: context.surroundings.stderr_is_terminal && !signs.dumb && !signs.no_color,
            reports: self.reports,
        };
        let now = context.clock.now();
        let by = context.actor().clone();
        let style = context.talk_style();
        let talking = RunTalk::new(interrupt, &settings.policies, (&mut *context.err, style), talk, now);
        let boot = (context.surroundings.boot)();
        let gate = DatabaseGate {
            path: self.path.clone(),
            leases: self.leases.clone(),
            policies: settings.policies.clone(),
            clock: context.clock.clone(),
            sign: interrupt.sign(),
            store: Mutex::default(),
        };
        let environment = context.environment.without(&telling::secret_variables(settings));
        let mut engine = Engine {
            store: &mut self.store,
            policies: &settings.policies,
            clock: &*context.clock,
            interrupt: &talking,
            observer: &talking,
            random: &mut *context.random,
            leases: &self.leases,
            dispatchers: Dispatchers::new(environment, SIMULATION_SEED, Arc::new(gate)),
            polling: &mut self.polling,
            by: &by,
            boot: boot.as_deref(),
        };
        let report = engine.run(request);
        drop(talking);
        self.warn_of_purpose(report.as_ref().ok(), settings, context);
        report
    }

    /// Has the events of the run delivered beside it, to whom the settings name. What keeps them from it waits for another run,
    /// and keeps nobody from being called.
    pub(super) fn tell(&mut self, settings: &Settings, context: &mut Context<'_>) {
        if self.told == settings.receivers {
            return;
        }
        self.store.tell(settings.receivers.clone());
        self.told = settings.receivers.clone();
        self.delivery = None;
        match telling::begin(self.path.clone(), settings, context) {
            Ok(delivery) => self.delivery = delivery,
            Err(error) => context.warn_of(&error),
        }
    }

    /// Delivers what is left once the last call has ended.
    pub(super) fn end_delivery(&mut self, interrupt: &dyn Interrupt) {
        telling::end(self.delivery.take(), interrupt);
    }

    /// What the delivery sees of the database's version: it changes by others' commits, not by its own. None without one.
    pub(super) fn version_for_delivery(&self) -> Option<i64> {
        self.delivery.as_ref().and_then(Delivery::data_version)
    }

    /// Says once, when somebody was called, that no purpose says which rules hold. An idle run under cron says nothing.
    fn warn_of_purpose(&mut self, report: Option<&RunReport>, settings: &Settings, context: &mut Context<'_>) {
        let has_called = report.is_some_and(|report| report.totals.processed > 0);
        if let Some(warning) = purpose_warning(settings).filter(|_| has_called && !self.has_warned) {
            self.has_warned = true;
            context.say(format_args!("warning: {}", warning.message));
        }
    }
}

/// The seed of simulated calls: the same queue plays the same way.
const SIMULATION_SEED: u64 = 0;
