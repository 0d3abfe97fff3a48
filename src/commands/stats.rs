//! `stats`: how the queue stands, how calls went, and how long leads waited.

use chrono::{DateTime, Utc};

use super::input::time;
use super::world::World;
use crate::cli::Stats;
use crate::engine::{AttemptTally, BreakdownRow, Spread, Statistics, StatisticsRequest, statistics};
use crate::error::{CommandError, ErrorKind};
use crate::model::parse_duration;
use crate::output::view::{AttemptCounts, Breakdown, ProcessingSeconds, ReasonCount, StatsView, WaitSeconds};
use crate::store::Access;

pub(super) fn run(args: &Stats, world: &mut World<'_>) -> Result<(), CommandError> {
    let client = world.client(&args.client)?;
    let (settings, now) = (world.settings()?, world.now());
    let since = match &args.since {
        None => None,
        Some(text) => Some(match parse_duration(text).ok().and_then(|ago| now.checked_sub_signed(ago)) {
            Some(since) => since,
            None => time("--since", text, &world.zone(client.as_ref())?, now)?,
        }),
    };
    if since.is_some_and(|since| since > now) {
        return Err(CommandError::message(ErrorKind::Usage, "--since: that time is still to come"));
    }
    let store = world.store(Access::Read)?;
    world.known_client(&args.client, Some(&store))?;
    let request = StatisticsRequest { client, since, by: args.by };
    let figures = statistics(&store, &settings.policies, &request, now)?;
    world.show(&view(&figures, &request, now))
}

/// The statistics at `now` as they are shown.
pub(super) fn view(statistics: &Statistics, request: &StatisticsRequest, now: DateTime<Utc>) -> StatsView {
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
    }
}
