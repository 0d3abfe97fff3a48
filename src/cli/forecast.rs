//! `callq forecast`

use std::str::FromStr;

use clap::Args;

use super::Client;
use crate::model::ForecastBy;

/// Say when the queue will be done, and what holds it back
///
/// callq plays the queue on many times, by the same hours, order, retries, limits and caps as a run, and changes nothing. A
/// range such as (13:18 to 13:43) holds 8 of 10 of these runs. How calls end and how long they take is learned from the
/// client's newest 20,000 calls of 28 days. With fewer than 50 calls the mix of the `simulate` dispatcher is assumed, and the
/// forecast says so. Days are within 5 % once about 6,000 calls are learned; before that, trust the range alone.
///
/// The same seed and database give the same answer.
///
/// `held back by` is an experiment: callq relaxes one limit after the other and shows what would be done earlier. --finish-by
/// finds the fewest lines (`max_concurrent`) with which everything is done in time. `a new lead waits` says when a lead that
/// is added now would be called.
///
/// --what-if KEY=VALUE takes a key of the configuration as `callq config set` does, with -c in the client's section.
/// `leads=N` adds N new leads on every open day.
///
/// It leaves out new leads, numbers that several items share, do-not-call lists, consents, pauses of a part and learned
/// hours, which only change the order. Nor does it
/// know of unknown outcomes, a failing dispatcher, or the minutes between two runs of cron.
///
/// The hour of a call matters little: the best and the worst differ by 2.6 points. More is won by calling a fresh inquiry at
/// once, by up to six calls, and by hours between them.
#[derive(Debug, Args)]
pub struct Forecast {
    #[command(flatten)]
    pub client: Client,

    /// Stop the forecast at this time
    #[arg(long, value_name = "T")]
    pub until: Option<String>,

    /// Play the queue this many times
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub runs: u32,

    /// Play another set of runs
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Assume this value of a key, or leads=N new leads on every open day
    #[arg(long, value_name = "KEY=VALUE")]
    pub what_if: Vec<WhatIf>,

    /// Find the fewest lines with which everything is done by this time
    #[arg(long, value_name = "T")]
    pub finish_by: Option<String>,

    /// Part of the runs that must be done by --finish-by
    #[arg(long, value_name = "N", default_value_t = 0.9, value_parser = confidence, requires = "finish_by")]
    pub confidence: f64,

    /// Show days or hours
    #[arg(long, value_name = "WHAT", default_value = "day")]
    pub by: ForecastBy,
}

/// A key and the value that is assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    pub key: String,
    pub value: String,
}

impl FromStr for WhatIf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = text.split_once('=').ok_or("write KEY=VALUE, such as max_concurrent=10")?;
        Ok(WhatIf { key: key.trim().to_owned(), value: value.to_owned() })
    }
}

fn confidence(text: &str) -> Result<f64, String> {
    let part = text.parse::<f64>().ok().filter(|part| *part > 0.0 && *part <= 1.0);
    part.ok_or_else(|| "write a number above 0, up to 1".to_owned())
}
