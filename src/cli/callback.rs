//! `callq callback`

use chrono::TimeDelta;
use clap::Args;

use super::{Client, IdArgument};
use crate::model::{PromiseClock, parse_duration};

/// Promise a lead a call at a time
///
/// The promised call comes before every other one from that time on, and never before it. It keeps the hours of urgent
/// calls, the law and every other gate. A time outside of the hours is refused with the nearest open ones. A failed,
/// held, cancelled or completed item is sent again. A call that is not made within its window is missed: `callq status`
/// and `callq doctor` say so, and it stays first in line.
#[derive(Debug, Args)]
pub struct Callback {
    #[command(flatten)]
    pub client: Client,

    /// An item id, a lead id, or a phone number as written
    ///
    /// A whole number is an item id; `lead:17` and `phone:2125550101` name the others.
    /// A lead or number means its item that waits or is in progress, else the newest.
    #[arg(value_name = "ID")]
    pub id: IdArgument,

    /// The time: 15:30, 3:30pm, "in 2h", "mon 14:00", "2026-11-30 15:30", each with a zone behind or without
    #[arg(value_name = "T")]
    pub at: String,

    /// Read the time on this clock
    #[arg(long, value_name = "WHOSE", default_value = "client")]
    pub clock: PromiseClock,

    /// Call before all others for this long; later it is missed
    #[arg(long, value_name = "D", default_value = "30m", value_parser = window)]
    pub window: TimeDelta,

    /// Write this note to the history
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,

    /// Move a time outside of the hours to the next one inside
    #[arg(long = "move")]
    pub moves: bool,
}

fn window(text: &str) -> Result<TimeDelta, String> {
    let window = parse_duration(text).map_err(|error| error.to_string())?;
    if window > TimeDelta::zero() { Ok(window) } else { Err("expected a duration longer than 0".to_owned()) }
}
