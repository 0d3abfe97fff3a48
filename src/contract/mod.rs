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

pub(crate) use batch::{BatchError, BatchView, ColumnsView, InputView, SkippedView};
pub(crate) use cap_question::{AskedAttempt, AskedCap, AskedDial, AskedLadder, CapQuestion, DialAnswer, LadderAnswer};
pub(crate) use client::ClientView;
pub(crate) use consent::{ConsentCountView, ConsentView};
pub(crate) use copies::{BackupView, RestoreView};
pub(crate) use count::CountView;
pub(crate) use do_not_call::{DncAddedView, DncCheckView, DncEntryView, EndedItemView, RegistryView};
pub(crate) use encode::instant_text;
pub(crate) use event::{CloudEventView, DeliveryView, EventCountView, EventDataView, EventView};
pub(crate) use evidence::evidence_json;
pub(crate) use forecast::{
    DoneView, ForecastDay, ForecastHour, ForecastItems, ForecastView, HeldBackView, LearnedView, NewLeadWait, PlanView,
    Quantiles,
};
pub(crate) use gate::{
    ClosedCap, ConsentState, DispatcherState, Evidence, Gate, HolidayName, NextCall, ProviderState, RegistryState,
    Verdict,
};
pub(crate) use holiday::HolidayView;
pub(crate) use item::{AddedView, AttemptView, ChangeView, ItemDetailView, ItemView, RecalledView};
pub(crate) use ladder_step::LadderStepView;
pub(crate) use law::{RuleDetailView, RuleView, RulesForView};
pub(crate) use line::write_item;
pub(crate) use log::{CallReceiptView, CallView, ItemChangeView, LogView};
pub(crate) use number::NumberView;
pub(crate) use process::{CallError, ClientCounts, Counts, ErrorBody, ErrorView, ProcessView, PruneView};
pub(crate) use pruned::PrunedView;
pub(crate) use receipt::{
    ReceiptCap, ReceiptConsent, ReceiptContext, ReceiptHours, ReceiptRegistry, ReceiptRow, ReceiptView,
};
pub(crate) use rule::{
    BestHoursView, CheckRow, ConfigRow, GateView, HoursView, PathView, PauseView, WhyView, WindowView,
};
#[cfg(test)]
pub(crate) use stats::ProcessingSeconds;
pub(crate) use stats::rate;
pub(crate) use stats::{AttemptCounts, Breakdown, HourIntervals, PrunedCallsView, ReasonCount, StatsView, WaitSeconds};
pub(crate) use status::{
    ClientStateView, ClientStatusView, EventStatusView, GateCountView, LastRunView, RegistryStatusView, StatusView,
    Unattended, WhyAllView,
};

/// Several results of one kind: an array in JSON, an object a line in JSON Lines, a row each elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct List<T> {
    /// In the order in which they are shown.
    pub rows: Vec<T>,
}
