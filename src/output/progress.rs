//! A progress bar for imports and the like: on a terminal, on standard error, gone at the end.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::number::with_commas;

/// Records between two looks at the bar, so that a record costs an addition.
const STEP: u64 = 1_000;

/// The first moments say nothing of the rate.
const LEAST_TIME: Duration = Duration::from_millis(100);

/// The line of an input whose size is known.
const SIZED: &str = "{msg} {wide_bar} {percent} %, {eta} left";

/// The line of an input whose size is not known, such as a pipe.
const UNSIZED: &str = "{msg} {spinner} {bytes} read";

/// How far an import or a prune has come. Without a terminal it is only a counter.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    noun: &'static str,
    /// How long nothing is shown yet.
    hidden_for: Option<Duration>,
    records: u64,
    bytes: u64,
    shown_at: u64,
}

impl Progress {
    /// A bar when `enabled` (a terminal, not `--quiet`); with the size of the input where it is known, in bytes.
    pub fn new(enabled: bool, total_bytes: Option<u64>) -> Progress {
        let bar = enabled.then(|| {
            let bar = ProgressBar::with_draw_target(total_bytes, ProgressDrawTarget::stderr());
            let template = if total_bytes.is_some() { SIZED } else { UNSIZED };
            match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style.progress_chars("=> ")),
                Err(_) => bar,
            }
        });
        Progress { bar, noun: "leads", hidden_for: None, records: 0, bytes: 0, shown_at: STEP }
    }

    /// A bar for what is deleted, on a way of `total` ids, that shows itself only after `hidden_for`.
    pub fn of_deletion(enabled: bool, total: u64, hidden_for: Duration) -> Progress {
        let mut progress = Progress::new(enabled, Some(total));
        progress.noun = "items deleted";
        progress.hidden_for = Some(hidden_for);
        if let Some(bar) = &progress.bar {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        progress
    }

    /// Counts `records` more, which took `bytes` of the input.
    pub fn advance(&mut self, bytes: u64, records: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.records = self.records.saturating_add(records);
        if self.records >= self.shown_at {
            self.shown_at = self.records.saturating_add(STEP);
            if let Some(bar) = &self.bar {
                if self.hidden_for.is_some_and(|least| bar.elapsed() >= least) {
                    self.hidden_for = None;
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_message(message(self.records, self.noun, bar.elapsed()));
                bar.set_position(self.bytes);
            }
        }
    }

    /// Takes the bar away. An import that fails does the same when it drops this.
    pub fn finish(self) {
        drop(self);
    }
}

/// How many records were read or deleted, and how many a second.
fn message(records: u64, noun: &str, took: Duration) -> String {
    let rate = (took >= LEAST_TIME).then(|| records as f64 / took.as_secs_f64());
    let rate = rate.map_or_else(String::new, |rate| format!(", {}/s", with_commas(rate as u64)));
    format!("{} {noun}{rate}", with_commas(records))
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How many runs of a forecast have ended: shown when they take longer than a while.
#[derive(Debug)]
pub struct RunProgress {
    bar: Option<ProgressBar>,
    hidden_for: Duration,
}

impl RunProgress {
    /// A bar when `enabled` (a terminal, not `--quiet`), that shows itself only after `hidden_for`.
    pub fn new(enabled: bool, hidden_for: Duration) -> RunProgress {
        let bar = enabled.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            match ProgressStyle::with_template("{msg} {spinner}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        RunProgress { bar, hidden_for }
    }

    /// Counts a run, in whatever thread it was made.
    pub fn advance(&self) {
        let Some(bar) = &self.bar else { return };
        bar.inc(1);
        if bar.elapsed() >= self.hidden_for {
            if bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_message(format!("{} runs", with_commas(bar.position())));
        }
    }
}

impl Drop for RunProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_touched_once_in_a_thousand_records() {
        let mut progress = Progress::new(true, Some(100_000));
        let position = |progress: &Progress| progress.bar.as_ref().unwrap().position();
        for _ in 0..999 {
            progress.advance(10, 1);
        }
        assert_eq!(position(&progress), 0);
        progress.advance(10, 1);
        assert_eq!(position(&progress), 10_000);
        progress.advance(10, 999);
        assert_eq!(position(&progress), 10_000);
        progress.advance(10, 5_000);
        assert_eq!(position(&progress), 10_020);
        progress.finish();
    }

    #[test]
    fn without_a_terminal_there_is_no_bar() {
        let mut progress = Progress::new(false, None);
        progress.advance(u64::MAX, u64::MAX);
        progress.advance(1, 1);
        assert!(progress.bar.is_none());
    }

    #[test]
    fn the_message_tells_the_rate_once_there_is_one() {
        assert_eq!(message(1_000, "leads", Duration::from_millis(99)), "1,000 leads");
        assert_eq!(message(123_456, "items", Duration::from_millis(1_500)), "123,456 items, 82,304/s");
    }

    #[test]
    fn a_bar_of_a_deletion_shows_itself_only_after_its_time() {
        let mut soon = Progress::of_deletion(true, 10_000, Duration::ZERO);
        let mut late = Progress::of_deletion(true, 10_000, Duration::MAX);
        for progress in [&mut soon, &mut late] {
            progress.advance(10, 999);
            assert!(progress.hidden_for.is_some());
            progress.advance(10, 1);
        }
        assert_eq!((soon.hidden_for, late.hidden_for), (None, Some(Duration::MAX)));
        assert!(late.bar.as_ref().unwrap().is_hidden());
        assert_eq!(late.bar.as_ref().unwrap().position(), 20);
    }

    #[test]
    fn both_templates_are_understood() {
        for template in [SIZED, UNSIZED] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
