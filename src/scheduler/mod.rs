//! The rules about time, pure: when a call may start, in which order, and when the next attempt is due.
//!
//! No I/O, no clock, no database: `now` is an argument. `add`, `schedule-batch`, `process`, `watch`, `list`, `hours`
//! and `why` all ask here; nothing else decides about time.

mod holidays;
mod hours;
mod policy;
mod zone;

pub use holidays::Holidays;
pub use hours::{DaySpan, InvalidSpan, InvalidTimeOfDay, PrimeHours, TimeOfDay, WeeklyHours};
pub use policy::{HoursPolicy, Limits, OrderPolicy, Policy, PolicyBook, RetryPolicy};
pub use zone::{UnknownZone, Zone};
