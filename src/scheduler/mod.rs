//! The rules about time, pure: when a call may start, in which order, and when the next attempt is due.
//!
//! No I/O, no clock, no database: `now` is an argument. `add`, `schedule-batch`, `process`, `watch`, `list`, `hours`
//! and `why` all ask here; nothing else decides about time.

mod best_hours;
mod finder;
mod gates;
mod holidays;
mod hours;
mod hours_of_week;
mod law;
#[cfg(test)]
mod laws;
mod never;
mod order;
mod pacing;
mod past_time;
mod policy;
mod reading;
mod retry;
mod rules;
mod share;
mod slots;
mod time_input;
mod time_words;
mod zone;

pub use best_hours::{GroupHours, NINETY_PERCENT, hour_of_week, hour_rates, wilson};
pub use finder::SlotFinder;
pub use gates::{TimeGate, time_gates};
pub use holidays::{HolidayEvent, Holidays};
pub use hours::{DaySpan, InvalidSpan, InvalidTimeOfDay, PrimeHours, TimeOfDay, WeeklyHours};
pub use hours_of_week::hours_of_week;
pub use law::{ClientRules, LawAnswer, LegalClause, LegalPlace, LegalRule, LegalRules, RulesOfPlace};
pub use never::{Never, why_never};
pub use order::{Turn, score};
pub use pacing::group_starts;
pub use past_time::parse_past_time;
pub use policy::{HoursPolicy, Limits, MOST_IN_FLIGHT, OrderPolicy, Policy, PolicyBook, RetryPolicy};
pub use reading::{Clause, ClockGate, Reading, Verdict};
pub use retry::{ladder_delay, next_retry_at, stable_jitter};
pub use rules::Rule;
pub use share::{Share, ShareQueue, Waiting};
pub use slots::{
    ClosedRule, HORIZON, Layer, Window, Windows, closed_rule, is_open, layer, next_open, next_slot, windows,
};
pub use time_input::{TimeInputError, parse_time, readings};
pub use time_words::clock_time;
pub use zone::{UnknownZone, Zone, lead_zones, zone_data_is_stale, zone_data_version, zone_names};
