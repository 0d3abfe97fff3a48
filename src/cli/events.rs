//! `callq events`

use clap::{Args, Subcommand};

use super::global::Client;
use super::whole::whole;
use crate::model::EventState;

/// Show events, and deliver them to hooks and webhooks
///
/// `[[hooks]]` and `[[webhooks]]` of the configuration name the receivers and the events that each of them wants. callq
/// writes an event together with the change that it tells. `process` and `watch` deliver it beside their calls; `process`
/// goes on for at most 10 s after its last call.
///
/// A hook is a program. It reads the event as one JSON line and takes it with exit status 0. A webhook is an address. It
/// takes the event with a status from 200 to 299. Its request is signed as Standard Webhooks says, in the headers
/// webhook-id, webhook-timestamp and webhook-signature. The JSON is a CloudEvents 1.0 object.
///
/// A receiver gets the events of one item in their order, each at least once. The id of an event stays the same. After a
/// failure callq tries again, in 5 s at first and every hour at last; after 3 days the event is dead. A receiver that
/// answers 410 gets nothing for a day.
#[derive(Debug, Args)]
pub struct Events {
    /// What to do with them.
    #[command(subcommand)]
    pub action: EventsAction,
}

/// What to do with events.
#[derive(Debug, Subcommand)]
pub enum EventsAction {
    /// List the events that are not delivered
    List {
        #[command(flatten)]
        client: Client,

        /// Only events in this state
        #[arg(long, value_name = "S")]
        state: Option<EventState>,

        /// Show at most this many; 0 shows all
        #[arg(short = 'n', long, value_name = "N", default_value = "50", value_parser = whole::<u64>(0..=u64::MAX))]
        limit: u64,
    },
    /// Let failing and dead events be delivered again at once
    ///
    /// Their receivers are tried again at once, too. The next run delivers, or `callq events deliver`.
    Retry {
        #[command(flatten)]
        selection: EventSelection,
    },
    /// Delete events without delivering them
    Drop {
        #[command(flatten)]
        selection: EventSelection,
    },
    /// Deliver the events that are due
    ///
    /// Does not wait for events that are tried again later. A signal ends it; what is left waits for the next run.
    Deliver,
}

/// Which events are meant.
#[derive(Debug, Args)]
pub struct EventSelection {
    /// Ids of events, or ranges such as 12-20
    #[arg(value_name = "ID", value_parser = ids, required_unless_present_any = ["state", "all"])]
    pub ids: Vec<(i64, i64)>,

    #[command(flatten)]
    pub client: Client,

    /// Only events in this state
    #[arg(long, value_name = "S")]
    pub state: Option<EventState>,

    /// Select every event
    #[arg(long, conflicts_with_all = ["ids", "state"])]
    pub all: bool,
}

/// An id, or a range of them.
fn ids(text: &str) -> Result<(i64, i64), String> {
    let id = |text: &str| text.parse::<i64>().ok().filter(|id| *id > 0);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (id(first), id(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        _ => Err(format!("`{text}` is not the id of an event: expected a number or a range such as 12-20")),
    }
}
