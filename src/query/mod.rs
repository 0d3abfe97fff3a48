//! The questions about a queue. Nothing here writes.
//!
//! `next_call` says when an item, or anything, can be called; `call_order` lists the waiting items in the order of their
//! calls, `listing` reads any selection page by page; `why` gives the verdict of every gate on one item, `promised_by` who
//! promised its call; `selection` takes the items that may be called now, in the order of their turns, for the claim of a
//! run and for `dry_run`; `statistics` has the figures of `stats`; `status` has those of `status`, `unattended` says whether
//! no run comes; `forecast` says what the queue will do; `receipt` has what was asked when a call began; `registry_ages`
//! says how old a copy of a registry may be; `best_hours` says what hours add to the order, `one_clock` where they add
//! nothing; `log` has calls and changes in time order; `reschedule` finds what waits for longer than the hours of today ask
//! for.

mod best_hours;
mod call_order;
mod dry_run;
mod forecast;
mod lead_clocks;
mod listing;
mod log;
mod next_call;
mod one_clock;
mod promised_by;
mod receipt;
mod registry_ages;
mod reschedule;
mod selection;
mod statistics;
mod status;
mod unattended;
mod why;

pub(crate) use best_hours::{calls_of_all_by_hour, learned_rates};
pub(crate) use dry_run::DryRun;
pub(crate) use forecast::{ForecastRequest, forecast};
pub(crate) use listing::{LISTING_PAGE, Listed, Listing, NextCall, Take};
pub(crate) use log::{LogEntry, LogFollower, LogReader, LogRequest};
pub(crate) use next_call::{NextCalls, due_now, item_next_call, next_call_at, next_slot_after};
pub(crate) use one_clock::one_clock;
pub(crate) use promised_by::promised_by;
pub(crate) use receipt::receipt;
pub(crate) use registry_ages::RegistryAges;
pub(crate) use reschedule::{Sooner, SoonerItems};
pub(crate) use selection::{Selected, Selection, SelectionQueue, SelectionRequest};
pub(crate) use statistics::business_time;
pub(crate) use statistics::{StatisticsRequest, statistics};
pub(crate) use status::{event_status, status};
pub(crate) use unattended::unattended;
#[cfg(test)]
pub(crate) use why::WhyAnswer;
pub(crate) use why::why;
