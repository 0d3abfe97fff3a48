//! Which items a command means: ids, ranges, `-`, or the filters of `list`.

use clap::Args;

use super::global::GlobalsLast;
use crate::model::{LeadId, MetaTest, Priority, StatusChoice};

/// The filters that every selecting command has.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub struct CommonFilter {
    /// Only items in these statuses, separated by commas; also `waiting` and `held`
    #[arg(long, value_name = "S,…", value_delimiter = ',')]
    pub status: Vec<StatusChoice>,

    /// Only items of this lead
    #[arg(long, value_name = "L")]
    pub lead: Option<LeadId>,

    /// Only items with this text in lead id, key, phone, metadata or last reason (scans all items)
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,

    /// Only items scheduled at or after this time (scans all finished items)
    #[arg(long, value_name = "T")]
    pub from: Option<String>,

    /// Only items scheduled before this time (scans all finished items)
    #[arg(long, value_name = "T")]
    pub to: Option<String>,

    /// Only waiting items whose time has come
    #[arg(long)]
    pub due: bool,

    /// Only held items (failed, outcome unknown)
    #[arg(long)]
    pub held: bool,

    /// Only items whose next call is promised
    #[arg(long)]
    pub callbacks: bool,

    #[command(flatten)]
    last: GlobalsLast,
}

/// The filter by priority, where the command does not set one.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub struct PriorityFilter {
    /// Only items of these priorities, separated by commas
    #[arg(short, long, value_name = "P,…", value_delimiter = ',')]
    pub priority: Vec<Priority>,
}

/// The filters by phone number and metadata, where the command does not set them.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub struct ContactFilter {
    /// Only items with this phone number, as written
    #[arg(long, value_name = "P", allow_hyphen_values = true)]
    pub phone: Option<String>,

    /// Only items with this metadata: K=V, K!=V, K= for any value, K!= for no value; may be repeated (scans all items)
    #[arg(long, value_name = "K=V")]
    pub meta: Vec<MetaTest>,
}

/// The filter by last reason, where the command does not give one.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub struct ReasonFilter {
    /// Only items whose last reason is exactly this (scans all items)
    #[arg(long, visible_alias = "with-reason", value_name = "R")]
    pub reason: Option<String>,
}

/// All filters, where the command has no flag of one of their names.
#[derive(Debug, Clone, Default, Args)]
pub struct Filters {
    #[command(flatten)]
    pub common: CommonFilter,

    #[command(flatten)]
    pub contact: ContactFilter,

    #[command(flatten)]
    pub priority: PriorityFilter,

    #[command(flatten)]
    pub reason: ReasonFilter,
}

/// How a change is made and noted.
#[derive(Debug, Clone, Default, Args)]
pub struct ChangeOptions {
    /// Write this note to the history
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,

    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What a selection that changes things asks for.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Consent {
    /// Select every item
    #[arg(long)]
    pub all: bool,

    /// Do not ask before changing a selection
    #[arg(short, long)]
    pub yes: bool,
}
