//! `--watch` of what is only shown: the same page again and again.

use std::cell::OnceCell;

use chrono::TimeDelta;

use super::context::{Context, output_failed};
use super::run_end::ended_by;
use crate::engine::{Rest, Turns, watch};
use crate::error::CommandError;

/// Shows a page at each interval, until a signal; `show` learns whether it is the first.
pub(super) fn show_again<'a>(
    interval: TimeDelta,
    context: &mut Context<'a>,
    show: impl FnMut(&mut Context<'a>, bool) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let (clock, interrupt) = (context.clock.clone(), context.interrupt()?);
    let signal = watch(&*clock, interrupt.as_ref(), &mut Pages { interval, context, show, is_first: true })?;
    if context.draws_over() {
        // The prompt comes below the page and the `^C` that the terminal has written.
        writeln!(context.out).map_err(output_failed)?;
    }
    Err(ended_by(signal))
}

struct Pages<'w, 'a, F> {
    interval: TimeDelta,
    context: &'w mut Context<'a>,
    show: F,
    is_first: bool,
}

impl<'a, F: FnMut(&mut Context<'a>, bool) -> Result<(), CommandError>> Turns for Pages<'_, 'a, F> {
    type Error = CommandError;

    fn turn(&mut self) -> Result<Rest, CommandError> {
        self.context.asked_at = OnceCell::new();
        (self.show)(self.context, self.is_first)?;
        self.is_first = false;
        Ok(Rest { interval: self.interval, until: None })
    }

    fn has_news(&mut self) -> Result<bool, CommandError> {
        Ok(false)
    }
}
