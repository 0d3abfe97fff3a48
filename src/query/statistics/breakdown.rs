//! The rows of `--by`: attempts, and the items that had one, by what was asked for.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use crate::contract::{AttemptCounts, Breakdown, HourIntervals};
use crate::model::{
    BreakdownKey, ClientId, HourCalls, HourRate, HoursOfWeek, Metadata, Outcome, Priority, StatsBy, ZoneName,
};
use crate::query::lead_clocks::LeadClocks;
use crate::scheduler::{NINETY_PERCENT, Zone, hour_rates, wilson};
use crate::store::{AttemptDetail, AttemptFacts, PrunedCalls, QueueFacts, Store, StoreResult};

/// How the attempts without a reason, number or field are named.
const NO_REASON: &str = "(none)";

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What a row is about, in the order of the rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Client(ClientId),
    Priority(Priority),
    /// Days from Monday, and the hour.
    Hour(u32, u32),
    Weekday(u32),
    Day(NaiveDate),
    Reason(Option<String>),
    Attempt(u32),
    /// Zones, a number, or a field of the metadata.
    Text(Option<String>),
}

/// The rows in the making.
pub(super) struct Rows {
    by: StatsBy,
    since: Option<DateTime<Utc>>,
    rows: BTreeMap<Key, (u64, AttemptCounts)>,
    clocks: LeadClocks,
}

impl Rows {
    /// Rows of attempts from `since` on; those of clients and priorities have the items of the queue.
    pub(super) fn new(by: &StatsBy, queue: &QueueFacts, since: Option<DateTime<Utc>>) -> Rows {
        let mut breakdown = Rows { by: by.clone(), since, rows: BTreeMap::new(), clocks: LeadClocks::default() };
        if *by == StatsBy::Key(BreakdownKey::Priority) {
            breakdown.rows.extend(Priority::ALL.map(|priority| (Key::Priority(priority), Default::default())));
        }
        for ((client, _, priority), count) in &queue.counts {
            let key = match by {
                StatsBy::Key(BreakdownKey::Client) => Some(Key::Client(client.clone())),
                StatsBy::Key(BreakdownKey::Priority) => Some(Key::Priority(*priority)),
                _ => None,
            };
            if let Some(key) = key {
                breakdown.rows.entry(key).or_default().0 += count;
            }
        }
        breakdown
    }

    /// What the rows need of each attempt.
    pub(super) fn detail(by: &StatsBy) -> AttemptDetail {
        match by {
            StatsBy::Meta(_) => AttemptDetail::Metadata,
            StatsBy::Key(BreakdownKey::Number) => AttemptDetail::Phone,
            StatsBy::Key(_) => AttemptDetail::Nothing,
        }
    }

    /// Adds an attempt of a client whose own zone is `home`. Hours and weekdays are those of the lead, whose clock
    /// the call kept; a day is one of the client's calendar.
    pub(super) fn note(&mut self, store: &Store, home: &Zone, attempt: &AttemptFacts<'_>) -> StoreResult<()> {
        let kind = match &self.by {
            StatsBy::Meta(field) => {
                let metadata = attempt.detail.map(|text| Metadata::from_stored(text.to_owned()));
                return self.note_text(store, attempt, metadata.and_then(|metadata| metadata.field(field)));
            }
            StatsBy::Key(BreakdownKey::Number) => {
                return self.note_text(store, attempt, attempt.detail.map(str::to_owned));
            }
            StatsBy::Key(BreakdownKey::Zone) => {
                let names: Vec<&str> = attempt.zones.iter().map(ZoneName::as_str).collect();
                let zones = if names.is_empty() { home.name().to_owned() } else { names.join(" ") };
                return self.note_text(store, attempt, Some(zones));
            }
            StatsBy::Key(kind) => *kind,
        };
        let clock = match kind {
            BreakdownKey::Hour | BreakdownKey::Weekday => self.clocks.of(attempt.zones).cloned(),
            _ => None,
        };
        let zone = clock.as_ref().unwrap_or(home);
        let key = match kind {
            BreakdownKey::Client => Key::Client(attempt.client.clone()),
            BreakdownKey::Priority => Key::Priority(attempt.priority),
            BreakdownKey::Attempt => Key::Attempt(attempt.number),
            kind => of_one_attempt(kind, zone, attempt.started_at, attempt.reason),
        };
        let another_item = match kind {
            // Their items are those of the queue.
            BreakdownKey::Client | BreakdownKey::Priority => false,
            // An item has one attempt of each number.
            BreakdownKey::Attempt => true,
            kind => !self.had_an_earlier_one(store, kind, zone, attempt, &key)?,
        };
        self.add(key, another_item, attempt);
        Ok(())
    }

    /// Whether the rows have pruned attempts too: their sums are kept by client and time alone.
    pub(super) fn have_pruned(by: &StatsBy) -> bool {
        matches!(by, StatsBy::Key(BreakdownKey::Client | BreakdownKey::Day))
    }

    /// Adds pruned attempts of a client whose own zone is `home`, which began at `begins_at` or shortly after. Does nothing
    /// for rows that cannot have them.
    pub(super) fn note_pruned(
        &mut self,
        client: &ClientId,
        home: &Zone,
        begins_at: DateTime<Utc>,
        calls: &PrunedCalls,
    ) {
        let (key, items) = match self.by {
            StatsBy::Key(BreakdownKey::Client) => (Key::Client(client.clone()), 0),
            StatsBy::Key(BreakdownKey::Day) => (Key::Day(home.local(begins_at).date()), calls.items),
            _ => return,
        };
        let (all, tally) = self.rows.entry(key).or_default();
        *all += items;
        calls.by_outcome.iter().for_each(|(outcome, count)| tally.add(Some(*outcome), *count));
    }

    fn add(&mut self, key: Key, another_item: bool, attempt: &AttemptFacts<'_>) {
        let (items, tally) = self.rows.entry(key).or_default();
        *items += u64::from(another_item);
        tally.add(attempt.outcome, 1);
    }

    /// Adds an attempt to the row of a text that is the same for all attempts of its item.
    fn note_text(&mut self, store: &Store, attempt: &AttemptFacts<'_>, text: Option<String>) -> StoreResult<()> {
        let mut is_another = true;
        if attempt.number > 1 {
            store.visit_earlier_attempts(attempt.item, attempt.number, self.since, &mut |_, _| is_another = false)?;
        }
        self.add(Key::Text(text), is_another, attempt);
        Ok(())
    }

    /// Whether the item of an attempt had an earlier attempt in the range that belongs to the same row. Asking the
    /// database costs a seek for each retry; remembering every item would cost memory without bound.
    fn had_an_earlier_one(
        &self,
        store: &Store,
        kind: BreakdownKey,
        zone: &Zone,
        attempt: &AttemptFacts<'_>,
        key: &Key,
    ) -> StoreResult<bool> {
        let mut found = false;
        if attempt.number > 1 {
            store.visit_earlier_attempts(attempt.item, attempt.number, self.since, &mut |at, reason| {
                found |= of_one_attempt(kind, zone, at, reason) == *key;
            })?;
        }
        Ok(found)
    }

    /// The rows in order: clients and reasons by name or number, reasons by how often they were given. Hours of one client
    /// lean on those of `all` clients.
    pub(super) fn finish(self, all: Option<&HoursOfWeek<HourCalls>>) -> Vec<Breakdown> {
        let rates = (self.by == StatsBy::Key(BreakdownKey::Hour)).then(|| {
            let own = self.calls_by_hour();
            all.map_or_else(|| hour_rates(&own, None), |all| hour_rates(all, Some(&own)))
        });
        let mut rows: Vec<Breakdown> = self
            .rows
            .into_iter()
            .map(|(key, (items, attempts))| {
                let rate = key.hour_of_week().zip(rates.as_ref()).and_then(|(how, rates)| rates.get(how));
                let hour = rate.map(|rate| intervals(&attempts, rate));
                let (key, weekday) = key.words();
                Breakdown {
                    key,
                    weekday,
                    items,
                    attempts: attempts.total,
                    completed: attempts.completed,
                    answer_rate: attempts.answer_rate(),
                    finished: attempts.finished(),
                    hour,
                }
            })
            .collect();
        match self.by {
            // The keys of these have no order of their own.
            StatsBy::Meta(_) | StatsBy::Key(BreakdownKey::Reason | BreakdownKey::Number) => {
                rows.sort_by_key(|row| Reverse(row.attempts));
            }
            StatsBy::Key(_) => {}
        }
        rows
    }

    fn calls_by_hour(&self) -> HoursOfWeek<HourCalls> {
        let mut hours = HoursOfWeek::all(HourCalls::default());
        for (key, (_, counts)) in &self.rows {
            if let Some(hour) = key.hour_of_week().and_then(|how| hours.get_mut(how)) {
                *hour = HourCalls { calls: counts.of(Outcome::tells_of_its_hour), answered: counts.completed };
            }
        }
        hours
    }
}

/// How sure the rate of an hour is.
fn intervals(counts: &AttemptCounts, rate: &HourRate) -> HourIntervals {
    let (rate_low, rate_high) = match counts.finished() {
        0 => (None, None),
        finished => {
            let (low, high) = wilson(counts.completed, finished);
            (Some(low), Some(high))
        }
    };
    let half = NINETY_PERCENT * rate.variance.sqrt();
    HourIntervals {
        rate_low,
        rate_high,
        best_guess: rate.mean,
        best_low: (rate.mean - half).max(0.0),
        best_high: (rate.mean + half).min(1.0),
    }
}

/// The row of an attempt, for the kinds that need its start and its reason alone.
fn of_one_attempt(kind: BreakdownKey, zone: &Zone, started_at: DateTime<Utc>, reason: Option<&str>) -> Key {
    if kind == BreakdownKey::Reason {
        return Key::Reason(reason.map(str::to_owned));
    }
    let local = zone.local(started_at);
    let weekday = local.weekday().num_days_from_monday();
    match kind {
        BreakdownKey::Hour => Key::Hour(weekday, local.hour()),
        BreakdownKey::Weekday => Key::Weekday(weekday),
        _ => Key::Day(local.date()),
    }
}

impl Key {
    fn hour_of_week(&self) -> Option<usize> {
        match self {
            Key::Hour(day, hour) => Some((day * 24 + hour) as usize),
            _ => None,
        }
    }

    /// The key as it is shown, and the weekday of an hour.
    fn words(self) -> (String, Option<&'static str>) {
        let weekday = |number: u32| WEEKDAYS.get(number as usize).copied();
        match self {
            Key::Client(client) => (client.to_string(), None),
            Key::Priority(priority) => (priority.to_string(), None),
            Key::Hour(day, hour) => (format!("{hour:02}"), weekday(day)),
            Key::Weekday(day) => (weekday(day).unwrap_or_default().to_owned(), None),
            Key::Day(date) => (date.to_string(), None),
            Key::Reason(reason) | Key::Text(reason) => (reason.unwrap_or_else(|| NO_REASON.to_owned()), None),
            Key::Attempt(number) => (number.to_string(), None),
        }
    }
}
