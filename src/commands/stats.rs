//! `stats`: how the queue stands, how calls went, and how long leads waited.

use std::cell::OnceCell;

use chrono::{DateTime, TimeDelta, Utc};

use super::context::{Context, output_failed};
use super::input::time;
use super::one_run::ended_by;
use crate::cli::Stats;
use crate::contract::{AttemptCounts, Breakdown, ProcessingSeconds, ReasonCount, StatsView, WaitSeconds};
use crate::engine::{Rest, Turns, watch};
use crate::error::{CommandError, ErrorKind};
use crate::model::parse_duration;
use crate::query::{AttemptTally, BreakdownRow, Spread, Statistics, StatisticsRequest, statistics};
use crate::store::{Access, Store};

pub(super) fn run(args: &Stats, context: &mut Context<'_>) -> Result<(), CommandError> {
    let request = request(args, context)?;
    let store = context.store(Access::Read)?;
    context.known_client(&args.client, Some(&store))?;
    match args.watch {
        None => context.show(&figures(&store, &request, context)?),
        Some(interval) => again(args, interval, &store, context),
    }
}

/// What is asked now: `--since 7d` means another instant each time.
fn request(args: &Stats, context: &Context<'_>) -> Result<StatisticsRequest, CommandError> {
    let (client, now) = (context.client(&args.client)?, context.now());
    let since = match &args.since {
        None => None,
        Some(text) => Some(match parse_duration(text).ok().and_then(|ago| now.checked_sub_signed(ago)) {
            Some(since) => since,
            None => time("--since", text, &context.zone(client.as_ref())?, now)?,
        }),
    };
    if since.is_some_and(|since| since > now) {
        return Err(CommandError::message(ErrorKind::Usage, "--since: that time is still to come"));
    }
    Ok(StatisticsRequest { client, since, by: args.by })
}

fn figures(store: &Store, request: &StatisticsRequest, context: &Context<'_>) -> Result<StatsView, CommandError> {
    let now = context.now();
    Ok(view(&statistics(store, &context.settings()?.policies, request, now)?, request, now))
}

/// Shows the figures again and again, until a signal.
fn again(args: &Stats, interval: TimeDelta, store: &Store, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (clock, interrupt) = (context.clock.clone(), context.interrupt()?);
    let mut pages = Pages { args, interval, store, context, is_first: true };
    let signal = watch(&*clock, interrupt.as_ref(), &mut pages)?;
    if context.draws_over() {
        // The prompt comes below the page and the `^C` that the terminal has written.
        writeln!(context.out).map_err(output_failed)?;
    }
    Err(ended_by(signal))
}

/// The figures, page after page.
struct Pages<'w, 'a> {
    args: &'w Stats,
    interval: TimeDelta,
    store: &'w Store,
    context: &'w mut Context<'a>,
    is_first: bool,
}

impl Turns for Pages<'_, '_> {
    type Error = CommandError;

    fn turn(&mut self) -> Result<Rest, CommandError> {
        self.context.asked_at = OnceCell::new();
        self.store.check_file()?;
        let request = request(self.args, self.context)?;
        let page = figures(self.store, &request, self.context)?;
        self.context.show_over(&page, self.is_first)?;
        self.is_first = false;
        Ok(Rest { interval: self.interval, until: None })
    }

    fn has_news(&mut self) -> Result<bool, CommandError> {
        Ok(false)
    }
}

/// The statistics at `now` as they are shown.
fn view(statistics: &Statistics, request: &StatisticsRequest, now: DateTime<Utc>) -> StatsView {
    let Spread { avg, p50, p95, max } = statistics.wait;
    let processing = statistics.processing;
    let reasons = statistics.failure_reasons.iter();
    StatsView {
        client_id: request.client.clone(),
        since: request.since,
        until: now,
        total_items: statistics.total_items,
        by_status: statistics.by_status.clone(),
        by_priority: statistics.by_priority.clone(),
        due_now: statistics.due_now,
        waiting_for_hours: statistics.waiting_for_hours,
        oldest_due_seconds: statistics.oldest_due_seconds,
        in_progress: statistics.in_progress,
        held: statistics.held,
        wait_seconds: WaitSeconds { avg, p50, p95, max },
        success_rate: statistics.success_rate,
        attempts: counts(&statistics.attempts),
        answer_rate: statistics.answer_rate,
        retry_success_rate: statistics.retry_success_rate,
        throughput_per_hour: statistics.throughput_per_hour,
        processing_seconds: ProcessingSeconds { avg: processing.avg, p50: processing.p50, p95: processing.p95 },
        business_hours_utilization: statistics.business_hours_utilization,
        failure_reasons: reasons.map(|(reason, count)| ReasonCount { reason: reason.clone(), count: *count }).collect(),
        by: statistics.by.iter().map(breakdown).collect(),
    }
}

fn counts(attempts: &AttemptTally) -> AttemptCounts {
    AttemptCounts {
        total: attempts.total,
        completed: attempts.completed,
        retry: attempts.retry,
        failed: attempts.failed,
        unknown: attempts.unknown,
        accepted: attempts.accepted,
    }
}

fn breakdown(row: &BreakdownRow) -> Breakdown {
    Breakdown {
        key: row.key.clone(),
        weekday: row.weekday,
        items: row.items,
        attempts: row.attempts.total,
        completed: row.attempts.completed,
        answer_rate: row.attempts.answer_rate(),
        finished: row.attempts.finished(),
    }
}
