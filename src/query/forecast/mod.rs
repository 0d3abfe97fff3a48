//! What the queue will do: the waiting items are called in many simulated runs, by the same windows, order, retries, limits
//! and caps as the claim.
//!
//! `read` and `learn` take from the store what a run starts from: `backlog` has the items, those alike together, `world`
//! what calls come to. `simulator` plays one run without I/O; its chance comes from a seed. `play` plays many, `experiment`
//! relaxes one gate after the other, `answer` takes quantiles.
//!
//! Calls that go on hold their lines at the beginning; what becomes of their items is not followed.

mod answer;
mod backlog;
mod calendar;
mod caps;
mod experiment;
mod learn;
mod new_leads;
mod openings;
mod play;
mod queue;
mod read;
mod simulator;
mod tally;
#[cfg(test)]
mod tests;
mod together;
mod world;

use chrono::{DateTime, TimeDelta, Utc};

use self::calendar::Calendar;
use self::learn::MOST_CALLS;
use self::new_leads::with_new_leads;
use self::play::{Plan, runs_together};
use self::read::{ClientCase, read};
use self::tally::Tally;
use super::statistics::business_time;
use crate::contract::ForecastView;
use crate::model::{ClientId, DispatchKind, from_millis};
use crate::scheduler::{HORIZON, MOST_IN_FLIGHT, PolicyBook};
use crate::store::{Store, StoreResult};

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct ForecastRequest {
    /// None for all.
    pub client: Option<ClientId>,
    /// No call at or after it.
    pub until: Option<DateTime<Utc>>,
    pub runs: u32,
    pub seed: u64,
    /// New leads on every open day of each client.
    pub new_leads: u32,
    pub finish_by: Option<DateTime<Utc>>,
    /// The part of the runs that must be done by then.
    pub confidence: f64,
    pub by_hour: bool,
}

/// How far new leads are added when no end is given.
const NEW_LEADS_FOR: TimeDelta = TimeDelta::days(28);

/// Forecasts the queue of a client, or of all together. Calls `note` at the end of every run.
pub(crate) fn forecast(
    store: &Store,
    policies: &PolicyBook,
    request: &ForecastRequest,
    now: DateTime<Utc>,
    note: &(dyn Fn() + Sync),
) -> StoreResult<ForecastView> {
    let client = request.client.as_ref();
    let cases = store.at_one_instant(|store| read(store, policies, client, MOST_CALLS, now))?;
    Ok(answered(&cases, policies, request, now, note))
}

fn answered(
    cases: &[ClientCase],
    policies: &PolicyBook,
    request: &ForecastRequest,
    now: DateTime<Utc>,
    note: &(dyn Fn() + Sync),
) -> ForecastView {
    let policy = request.client.as_ref().map_or_else(|| policies.defaults(), |client| policies.of(client));
    let until = request.until.or_else(|| (request.new_leads > 0).then(|| now + NEW_LEADS_FOR));
    let end = until.map_or(now + HORIZON, |until| until.min(now + HORIZON));
    let days = usize::try_from((end - now).num_days() + 2).unwrap_or(1);
    let calendar = Calendar::new(&policy.hours.zone, now, days);
    let backlogs: Vec<_> = cases.iter().map(|case| with_new_leads(case, request.new_leads, now, end)).collect();
    let plan = |(case, backlog)| Plan::new(case, backlog, &calendar, (now, end), request.seed, note);
    let plans: Vec<Plan<'_>> = cases.iter().zip(backlogs.iter().map(AsRef::as_ref)).map(plan).collect();
    let mut tallies = vec![Tally::new(now.timestamp_millis()); request.runs as usize];
    let (mut held_back_by, mut plan_view) = (Vec::new(), None);
    match &plans[..] {
        [plan] => {
            tallies = plan.runs(request.runs);
            if plan.backlog.items > 0 {
                held_back_by = experiment::held_back_by(plan, &tallies);
                let runs = request.runs;
                plan_view = request.finish_by.map(|by| experiment::plan_lines(plan, runs, by, request.confidence));
            }
        }
        plans if shares_a_run(cases) => {
            let played = runs_together(plans, request.runs, MOST_IN_FLIGHT);
            let sums = tallies.iter_mut().zip(&played);
            sums.for_each(|(sum, run)| run.iter().for_each(|tally| sum.add(tally)));
        }
        plans => plans.iter().for_each(|plan| {
            let played = plan.runs(request.runs);
            tallies.iter_mut().zip(&played).for_each(|(sum, tally)| sum.add(tally));
        }),
    }
    let waiting = cases.iter().map(|case| case.backlog.items).sum();
    let open = |from: i64, until: i64| {
        let span = from_millis(from).zip(from_millis(until));
        let time = |case: &ClientCase| span.map_or(0, |(from, until)| business_time(&case.policy.hours, from, until));
        let capacity = |case: &ClientCase| time(case) as f64 * f64::from(case.policy.limits.max_concurrent);
        (cases.iter().map(time).max().unwrap_or(0), cases.iter().map(capacity).sum())
    };
    ForecastView {
        client_id: request.client.clone(),
        now,
        until,
        runs: request.runs,
        seed: request.seed,
        waiting,
        learned: answer::learned(cases),
        done: answer::done(&tallies),
        items: answer::items(&tallies),
        calls: answer::quantiles(tallies.iter().map(|tally| tally.calls)),
        new_lead_wait_seconds: answer::waits(&tallies),
        days: answer::days(&tallies, &calendar, now, &open),
        hours: answer::hours(&tallies, &calendar),
        held_back_by,
        plan: plan_view,
        notes: notes(cases, policies, request),
        new_leads: request.new_leads,
        by_hour: request.by_hour,
    }
}

/// Whether the clients have more lines together than one run uses.
fn shares_a_run(cases: &[ClientCase]) -> bool {
    let lines: u64 = cases.iter().map(|case| u64::from(case.policy.limits.max_concurrent)).sum();
    lines > MOST_IN_FLIGHT as u64
}

/// What is not as the forecast takes it.
fn notes(cases: &[ClientCase], policies: &PolicyBook, request: &ForecastRequest) -> Vec<String> {
    let mut notes = Vec::new();
    for case in cases.iter().filter(|case| case.starts_at.is_none()) {
        let why = match case.policy.dispatch.kind {
            DispatchKind::None => "it has no dispatcher",
            _ => "it is paused without an end",
        };
        notes.push(format!("{} calls nobody now: {why}; this is what it would do", case.client));
    }
    for case in cases.iter().filter(|case| case.policy.limits.max_concurrent as usize > MOST_IN_FLIGHT) {
        let lines = case.policy.limits.max_concurrent;
        notes.push(format!("{} has {lines} lines, and one run uses {MOST_IN_FLIGHT}: start several", case.client));
    }
    if cases.len() > 1 && shares_a_run(cases) {
        notes.push(format!("the clients share the {MOST_IN_FLIGHT} calls of one run by their `share`"));
    }
    if request.client.is_none() {
        let faults = policies.faults().map(|(client, _)| format!("{client} is left out: its configuration is wrong"));
        notes.extend(faults);
        if cases.len() > 1 {
            notes.push("one client has its plan, its new leads and what holds it back: give -c".to_owned());
        }
    }
    if request.new_leads > 0 && request.until.is_none() {
        notes.push(format!("new leads come for {} days: --until ends them", NEW_LEADS_FOR.num_days()));
    }
    notes
}

/// About when a client's queue is done; none where it calls nobody, where nothing waits, and where that is not to be seen.
pub(super) fn done_at(
    store: &Store,
    policies: &PolicyBook,
    client: &ClientId,
    now: DateTime<Utc>,
) -> StoreResult<Option<DateTime<Utc>>> {
    const RUNS: u32 = 5;
    const LEARNED: u32 = 1_000;
    let cases = read(store, policies, Some(client), LEARNED, now)?;
    let Some(case) = cases.first().filter(|case| case.starts_at.is_some() && case.backlog.items > 0) else {
        return Ok(None);
    };
    let calendar = Calendar::new(&case.policy.hours.zone, now, 60);
    let end = now + TimeDelta::days(60);
    let plan = Plan::new(case, &case.backlog, &calendar, (now, end), 1, &|| ());
    Ok(answer::done(&plan.runs(RUNS)).p50)
}
