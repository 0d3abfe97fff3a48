//! `callq process`

use super::world::{World, output_failed};
use crate::cli::Process;
use crate::dispatch::LeaseFolder;
use crate::engine::{CallOrder, Dispatchers, Engine, EngineError, RunReport, RunRequest, StoppedBy, gates};
use crate::error::{CommandError, ErrorKind};
use crate::model::{Format, Status};
use crate::output::view::{CallError, ClientCounts, Counts, ItemView, ProcessView};
use crate::scheduler::PolicyBook;
use crate::store::{Access, Filter};

pub(super) fn run(args: &Process, world: &mut World<'_>) -> Result<(), CommandError> {
    if args.dry_run {
        return dry_run(args, world);
    }
    // A name that is none is told before a database is made.
    world.client(&args.client)?;
    let settings = world.settings()?;
    let path = settings.database_path(&world.surroundings.locations)?;
    let mut store = world.store(Access::Create)?;
    let client = world.known_client(&args.client, Some(&store))?;
    let request = RunRequest { client, limit: args.limit, max_runtime: args.max_runtime };
    let leases = LeaseFolder::open(&path);
    let mut engine = Engine {
        store: &mut store,
        policies: &settings.policies,
        clock: world.clock,
        random: &mut *world.random,
        leases: &leases,
        dispatchers: Dispatchers::new(secret_variables(&settings.policies), SIMULATION_SEED),
        by: &world.surroundings.actor,
        boot: world.surroundings.boot.as_deref(),
    };
    let report = engine.run(&request)?;
    // Under cron: a program reads JSON, a person is mailed only when something is wrong.
    if !world.global.quiet || world.format() != Format::Table {
        world.show(&view(&report))?;
    }
    judge(report)
}

/// The seed of simulated calls: the same queue plays the same way.
const SIMULATION_SEED: u64 = 0;

/// The environment variables that hold keys of providers, which no program is given.
fn secret_variables(policies: &PolicyBook) -> Vec<String> {
    let clients = policies.clients().map(|client| policies.of(client));
    let named = clients.chain([policies.defaults()]).filter_map(|policy| policy.dispatch.retell.as_ref());
    let mut names: Vec<String> = named.map(|retell| retell.api_key_env.clone()).collect();
    names.push("RETELL_API_KEY".to_owned());
    names.sort();
    names.dedup();
    names
}

/// The exit code of a run that ended by itself.
fn judge(report: RunReport) -> Result<(), CommandError> {
    if let Some(failure) = report.failure {
        return Err(failure.into());
    }
    if let StoppedBy::Signal(number) = report.stopped_by {
        return Err(CommandError::message(ErrorKind::Signal(number), format!("ended by signal {number}")));
    }
    let blocked = || report.clients.values().find_map(|client| client.blocked_by.clone()).unwrap_or_default();
    if report.nothing_configured {
        return Err(CommandError::message(ErrorKind::Config, format!("nobody was called: {}", blocked())));
    }
    if report.only_unavailable {
        return Err(CommandError::message(ErrorKind::Dispatcher, blocked())
            .with_hint("every lead is as it was; mend the dispatcher and run again"));
    }
    Ok(())
}

/// Lists what would be called now, in order: the waiting items whose gates are all open.
fn dry_run(args: &Process, world: &mut World<'_>) -> Result<(), CommandError> {
    let store = world.store(Access::Read)?;
    let client = world.known_client(&args.client, Some(&store))?;
    let (settings, now) = (world.settings()?, world.now());
    let filter = Filter { client, due_at: Some(now), ..Filter::default() };
    let mut left = args.limit.unwrap_or(u64::MAX);
    world.show_items(None, |writer| {
        let mut order = CallOrder::new(&store, &settings.policies, &filter, now)?;
        while left > 0 {
            let Some((item, next)) = order.next_item()? else { break };
            if next.is_none_or(|next| next > now) {
                break;
            }
            let verdicts = gates(&store, settings.policies.of(&item.client), &item, now)?;
            // Capacity and rate free up while the run goes on; the others stay.
            let callable =
                verdicts.iter().all(|verdict| verdict.open || matches!(verdict.gate, "capacity" | "rate_limit"));
            if callable && item.status != Status::InProgress {
                writer.write(&ItemView::new(&item, next)).map_err(output_failed)?;
                left -= 1;
            }
        }
        Ok(())
    })
}

fn view(report: &RunReport) -> ProcessView {
    ProcessView {
        run_id: report.run.to_string(),
        counts: counts(&report.totals),
        stopped_by: report.stopped_by.as_str().to_owned(),
        duration_ms: u64::try_from(report.duration.num_milliseconds()).unwrap_or(0),
        next_call_at: report.next_call_at,
        clients: report
            .clients
            .iter()
            .map(|(client, part)| ClientCounts {
                client_id: client.clone(),
                counts: counts(&part.counts),
                blocked_by: part.blocked_by.clone(),
            })
            .collect(),
        errors: report
            .problems
            .iter()
            .map(|problem| CallError {
                id: problem.item.get(),
                lead_id: problem.lead.to_string(),
                reason: Some(problem.reason.clone()),
            })
            .collect(),
        simulated: report.simulated,
        recovered: report.recovered,
        held_items: report.held_items,
    }
}

fn counts(counts: &crate::engine::Counts) -> Counts {
    Counts {
        processed: counts.processed,
        successful: counts.successful,
        failed: counts.failed,
        retried: counts.retried,
        accepted: counts.accepted,
        held: counts.held,
        returned: counts.returned,
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::UnrealClock(_) => CommandError::new(ErrorKind::Refused, error)
                .with_hint("unset CALLQ_NOW, or look with --dry-run, or use `dispatch.kind = \"simulate\"`"),
            EngineError::OutcomesNotWritten { .. } => CommandError::new(ErrorKind::Failed, error),
        }
    }
}
