//! Which items a command means: ids, ranges, `-`, or the filters of `list`.

use std::str::FromStr;

use clap::Args;

use super::global::GlobalsLast;
use crate::model::{ItemId, LeadId, Priority, Status};

/// One id argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdArgument {
    /// Every item from the first to the last id; one id is a range of itself.
    Range(ItemId, ItemId),
    /// Ids come on standard input.
    Stdin,
}

impl FromStr for IdArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" {
            return Ok(IdArgument::Stdin);
        }
        let parsed = match text.split_once('-') {
            None => text.parse().map(|id| (id, id)),
            Some((first, last)) => first.parse().and_then(|first| last.parse().map(|last| (first, last))),
        };
        match parsed {
            Ok((first, last)) if first <= last => Ok(IdArgument::Range(first, last)),
            Ok(_) => Err(format!("`{text}` is an empty range: the smaller id comes first")),
            Err(_) => Err(format!("`{text}` is not an item id: expected a number, a range such as 12-20, or -")),
        }
    }
}

/// The filters that every selecting command has.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub struct CommonFilter {
    /// Only items in these statuses, separated by commas
    #[arg(long, value_name = "S,…", value_delimiter = ',')]
    pub status: Vec<Status>,

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

/// The filter by last reason, where the command does not give one.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub struct ReasonFilter {
    /// Only items whose last reason is exactly this (scans all items)
    #[arg(long, visible_alias = "with-reason", value_name = "R")]
    pub reason: Option<String>,
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
