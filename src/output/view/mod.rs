//! The JSON contract: every shape that a program reads, apart from the model. Fields are only ever added.
//!
//! The fields stand in the order in which they are written. An absent value is `null`, never left out.

mod encode;
mod item;
mod process;
mod rule;
mod stats;

#[cfg(test)]
mod tests;

pub use encode::instant_text;
pub use item::{AddedView, AttemptView, ChangeView, ItemDetailView, ItemView};
pub use process::{
    BatchError, BatchView, CallError, ClientCounts, Counts, ErrorBody, ErrorView, ProcessView, PruneView,
};
pub use rule::{CheckRow, ChecksView, ConfigRow, ConfigView, GateView, HoursView, PauseView, WhyView, WindowView};
pub use stats::{AttemptCounts, Breakdown, ProcessingSeconds, ReasonCount, StatsView, WaitSeconds};
