//! Who may be called: numbers and their places, rules of law with citation and date, caps. Pure: no I/O, no clock.
//!
//! It says what the rules say as they were written down, with their sources. It is not legal advice.

mod calendar;
mod cap;
mod closed_days;
mod data;
mod kept;
mod kept_rows;
mod ladder;
mod legal_hours;
pub mod number;
mod number_error;
mod place;
mod plan;
#[cfg(test)]
mod properties;
mod region;
mod requirement;
mod rule;
mod rule_book;
mod rule_read;
mod rule_set;
mod rule_text;
mod table;
mod terms;
mod window;
mod written;
pub mod zone_words;

pub use calendar::Calendar;
pub use cap::{Cap, CapVerdict, ClosedCap, Dial, PastAttempt, check_caps, closed_caps};
pub use closed_days::ClosedDays;
pub use kept::{KeptPolicy, policy_of_kept};
pub use kept_rows::kept_text;
pub use ladder::{Ladder, LadderCheck};
pub use legal_hours::{CALLING_HOURS, LegalHours};
pub use number_error::{NumberError, NumberFault};
pub use place::{Level, NumberPlace, Place, numbers_version};
pub use plan::{CallingCode, UnknownCallingCode};
pub use region::{Region, UnknownRegion};
pub use requirement::Requirement;
pub use rule::Rule;
pub use rule_book::RuleBook;
pub use rule_read::RuleError;
pub use rule_set::{RuleSet, RuleSetError};
pub use rule_text::{RuleText, shipped_rules_date};
pub use terms::{Terms, UnknownTerms};
