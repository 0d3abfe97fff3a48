//! The JSON contract: every shape that enters or leaves as JSON, and what layers beside each other share. Fields are only
//! ever added.
//!
//! The fields stand in the order in which they are written. An absent value is `null`, never left out.

mod batch;
mod cap_question;
mod client;
mod consent;
mod copies;
mod count;
mod do_not_call;
mod encode;
mod event;
mod evidence;
mod forecast;
mod gate;
mod holiday;
mod item;
mod ladder_step;
mod law;
mod line;
mod log;
mod number;
mod process;
mod pruned;
mod receipt;
mod rule;
#[cfg(test)]
pub(crate) mod sample;
mod stats;
mod status;

#[cfg(test)]
mod tests;

pub use batch::{BatchError, BatchView, ColumnsView, InputView, SkippedView};
pub use cap_question::{AskedAttempt, AskedCap, AskedDial, AskedLadder, CapQuestion, DialAnswer, LadderAnswer};
pub use client::ClientView;
pub use consent::{ConsentCountView, ConsentView};
pub use copies::{BackupView, RestoreView};
pub use count::CountView;
pub use do_not_call::{DncAddedView, DncCheckView, DncEntryView, EndedItemView, OWN_LIST, RegistryView};
pub use encode::instant_text;
pub use event::{CloudEventView, DeliveryView, EventCountView, EventDataView, EventView};
pub use evidence::evidence_json;
pub use forecast::{
    DoneView, ForecastDay, ForecastHour, ForecastItems, ForecastView, HeldBackView, LearnedView, NewLeadWait, PlanView,
    Quantiles,
};
pub use gate::{
    ClosedCap, ConsentState, DispatcherState, Evidence, Gate, HolidayName, NextCall, ProviderState, RegistryState,
    Verdict,
};
pub use holiday::HolidayView;
pub use item::{AddedView, AttemptView, CallbackView, ChangeView, ItemDetailView, ItemView, RecalledView};
pub use ladder_step::LadderStepView;
pub use law::{RuleDetailView, RuleView, RulesForView};
pub use line::write_item;
pub use log::{CallReceiptView, CallView, ItemChangeView, LogView};
pub use number::NumberView;
pub use process::{CallError, ClientCounts, Counts, ErrorBody, ErrorView, ProcessView, PruneView};
pub use pruned::PrunedView;
pub use receipt::{ReceiptCap, ReceiptConsent, ReceiptContext, ReceiptHours, ReceiptRegistry, ReceiptRow, ReceiptView};
pub use rule::{BestHoursView, CheckRow, ConfigRow, GateView, HoursView, PathView, PauseView, WhyView, WindowView};
pub(crate) use stats::rate;
pub use stats::{
    AttemptCounts, Breakdown, HourIntervals, ProcessingSeconds, PrunedCallsView, ReasonCount, StatsView, WaitSeconds,
};
pub use status::{
    ClientStateView, ClientStatusView, EventStatusView, GateCountView, LastRunView, RegistryStatusView, StatusView,
    Unattended, WhyAllView,
};

/// Several results of one kind: an array in JSON, an object a line in JSON Lines, a row each elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct List<T> {
    /// In the order in which they are shown.
    pub rows: Vec<T>,
}
