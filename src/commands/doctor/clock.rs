//! The clock as `doctor` finds it: no attempt lies in its future.

use super::findings::Findings;
use crate::commands::context::Context;
use crate::model::to_text;
use crate::output::span;
use crate::store::Store;

pub(super) fn clock(store: Option<&Store>, context: &Context<'_>, findings: &mut Findings) {
    let now = context.now();
    match store.map(|store| store.future_attempts(now)).transpose() {
        Ok(None | Some(None)) => {
            let by = if context.clock.is_real() { "" } else { ", set by CALLQ_NOW" };
            findings.ok("clock", format!("{}{by}; no attempt lies in the future", to_text(now)));
        }
        Ok(Some(Some(future))) => {
            let others = match future.count {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let (at, ahead) = (to_text(future.started_at), span(future.started_at - now));
            let attempt = format!("attempt {} of item {}", future.newest, future.item);
            findings.warning(
                "clock",
                format!("{attempt} started at {at}, {ahead} in the future{others}: the clock was set back"),
            );
        }
        Err(error) => findings.error("clock", error.to_string()),
    }
}
