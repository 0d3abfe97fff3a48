//! One run and what it says: what `process` does once, and `watch` again and again.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::context::Context;
use super::run_talk::{RunTalk, Talk};
use super::telling;
use crate::cli::Client;
use crate::config::{Settings, purpose_warning};
use crate::contract::{ClientCounts, Evidence, ProcessView};
use crate::dispatch::LeaseFolder;
use crate::engine::{DatabaseGate, Dispatchers, Engine, EngineError, Polling, RunReport, RunRequest, StoppedBy};
use crate::error::{CommandError, ErrorKind};
use crate::events::Delivery;
use crate::interrupt::Interrupt;
use crate::model::{ClientId, EventReceivers};
use crate::output::{blocked_by, counted};
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

/// The exit code of a run that ended by itself.
pub(super) fn judge(report: RunReport) -> Result<(), CommandError> {
    let lost = report.not_recorded;
    if let Some(failure) = report.failure {
        return Err(if lost > 0 { not_recorded(lost, &failure) } else { failure.into() });
    }
    if let StoppedBy::Signal(number) = report.stopped_by {
        return Err(ended_by(number));
    }
    if let Some(forgotten) = forgotten(&report) {
        return Err(forgotten);
    }
    let blocked = || {
        let blocked = report.clients.iter().find_map(|(client, part)| Some((client, part.blocked_by.as_ref()?)));
        blocked.map(|(client, closed)| blocked_by(closed, client)).unwrap_or_default()
    };
    if let Some(wrong) = wrongly_configured(&report) {
        return Err(wrong);
    }
    if report.nothing_configured {
        return Err(CommandError::message(ErrorKind::Config, format!("nobody was called: {}", blocked())));
    }
    if report.only_unavailable {
        let hint = match report.totals.held {
            0 => "every lead is as it was; mend the dispatcher and run again".to_owned(),
            1 => "1 lead is held, `callq list --held` shows it; every other lead is as it was".to_owned(),
            held => format!("{held} leads are held, `callq list --held` shows them; every other lead is as it was"),
        };
        return Err(CommandError::message(ErrorKind::Dispatcher, blocked()).with_hint(hint));
    }
    Ok(())
}

/// That clients were left out; the others were called.
fn wrongly_configured(report: &RunReport) -> Option<CommandError> {
    let faults = report.clients.iter().filter_map(|(client, part)| match &part.blocked_by.as_ref()?.evidence {
        Evidence::Configuration(Some(fault)) => Some((client, fault)),
        _ => None,
    });
    let told: Vec<String> =
        faults.map(|(client, fault)| format!("nobody of client {client} was called: {fault}")).collect();
    (!told.is_empty()).then(|| {
        CommandError::message(ErrorKind::Config, told.join("\n"))
            .with_hint("`callq config check` names every fault; the configuration of the other clients holds")
    })
}

/// That the database forgot calls; its run was done nevertheless.
fn forgotten(report: &RunReport) -> Option<CommandError> {
    let why = "an older copy of the database was put back";
    if let Some(lease) = report.nameless_leases.first() {
        let lease = lease.display();
        let message = format!("{why}, and it does not know the call of the lease {lease}, which names nobody");
        return Some(
            CommandError::message(ErrorKind::Failed, message)
                .with_hint(format!("find out whom your dispatcher called then, and remove it: rm {lease}")),
        );
    }
    let first = report.forgotten_items.first()?;
    let ids: Vec<String> = report.forgotten_items.iter().take(10).map(ToString::to_string).collect();
    let more = report.forgotten_items.len().saturating_sub(ids.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let noun = if report.forgotten_items.len() == 1 { "item" } else { "items" };
    let message = format!("{why}: it forgot calls of {noun} {}{more}", ids.join(", "));
    Some(CommandError::message(ErrorKind::Failed, message).with_hint(format!(
        "`callq show {first}` tells what is known; once the call has ended, settle it by `callq report {first} --outcome \
         OUTCOME`, or call again by `callq retry {first}`"
    )))
}

/// The failure of a run that leaves outcomes unrecorded. Each outcome stands before it on standard error.
fn not_recorded(outcomes: u64, failure: &EngineError) -> CommandError {
    let outcomes = counted(outcomes, "outcome");
    CommandError::message(ErrorKind::Failed, format!("{failure}; {outcomes} could not be recorded"))
        .with_hint("the next run adopts what it finds beside the leases; bring the others by `callq report`")
}

/// The end of a run or of `watch` by a signal, after a clean stop.
pub(super) fn ended_by(signal: u8) -> CommandError {
    CommandError::message(ErrorKind::Signal(signal), format!("ended by signal {signal}"))
}

/// What a run says.
pub(super) fn view(report: &RunReport) -> ProcessView {
    ProcessView {
        run_id: report.run.to_string(),
        counts: report.totals,
        stopped_by: report.stopped_by.as_str().to_owned(),
        duration_ms: u64::try_from(report.duration.num_milliseconds()).unwrap_or(0),
        next_call_at: report.next_call_at,
        clients: report
            .clients
            .iter()
            .map(|(client, part)| ClientCounts {
                client_id: client.clone(),
                counts: part.counts,
                blocked_by: part.blocked_by.as_ref().map(|closed| blocked_by(closed, client)),
            })
            .collect(),
        errors: report.problems.clone(),
        simulated: report.simulated,
        recovered: report.recovered,
        settled: report.settled,
        held_items: report.held_items,
        failed_uncalled: report.failed_uncalled.clone(),
        not_recorded: report.not_recorded,
    }
}
