//! A problem of the configuration as a row of checks.

use crate::config::Problem;
use crate::contract::CheckRow;

pub(super) fn check_row(verdict: &'static str, problem: &Problem) -> CheckRow {
    let place = problem.spot.to_string();
    let place = place.trim_end_matches(": ");
    let check = if place.is_empty() { "environment" } else { place }.to_owned();
    CheckRow { check, verdict, detail: problem.message.clone() }
}
