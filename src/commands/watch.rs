//! `callq watch`

use std::cell::OnceCell;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::context::Context;
use super::one_run::RunContext;
use super::run_end::{ended_by, judge, view};
use crate::cli::Watch;
use crate::config::{self, FileMarks};
use crate::engine::{Rest, RunReport, RunRequest, Turns, watch};
use crate::error::{CommandError, ErrorKind};
use crate::interrupt::Interrupt;

/// After a turn that found a dispatcher at fault, what other programs change begins the next turn not sooner than this: two
/// watches that try the same lead would wake each other for ever.
const REST_AFTER_FAULT: TimeDelta = TimeDelta::seconds(5);

pub(super) fn run(args: &Watch, context: &mut Context<'_>) -> Result<(), CommandError> {
    let marks = FileMarks::of(context.settings()?.files());
    let mut place = RunContext::open(&args.client, context)?;
    place.reports = true;
    let interrupt = context.interrupt()?;
    let seen = place.store.data_version().map_err(CommandError::from)?;
    let clock = context.clock.clone();
    let mut turns = Turning {
        interval: args.interval,
        place,
        context,
        interrupt: interrupt.as_ref(),
        marks,
        is_outdated: true,
        seen,
        seen_by_delivery: None,
        deaf_until: None,
        turns: 0,
        prints: true,
        troubles: Vec::new(),
    };
    Err(ended_by(watch(&*clock, interrupt.as_ref(), &mut turns)?))
}

/// What goes on from turn to turn.
struct Turning<'w, 'a> {
    /// `--interval`; without it the configuration's.
    interval: Option<TimeDelta>,
    place: RunContext,
    context: &'w mut Context<'a>,
    interrupt: &'w dyn Interrupt,
    /// The files of the configuration as they were when it was read.
    marks: FileMarks,
    /// Whether the configuration in use is not what the files say: it is read again at the next turn.
    is_outdated: bool,
    /// The database's version before the last turn.
    seen: i64,
    /// The same as those see it who deliver events: their own notes are no news.
    seen_by_delivery: Option<i64>,
    /// Before this instant no news begins a turn.
    deaf_until: Option<DateTime<Utc>>,
    turns: u64,
    /// Whether standard output still takes what is written: a closed one stops printing, never dialling.
    prints: bool,
    /// What the last turn complained of: callq says once what stays wrong.
    troubles: Vec<String>,
}

impl Turns for Turning<'_, '_> {
    type Error = CommandError;

    fn turn(&mut self) -> Result<Rest, CommandError> {
        self.context.asked_at = OnceCell::new();
        let outdated = self.read_configuration();
        let (until, failure) = self.call()?;
        self.warn_of(outdated.into_iter().chain(failure).collect());
        self.turns += 1;
        let interval = self.interval.unwrap_or(self.context.settings()?.watch_interval);
        Ok(Rest { interval, until })
    }

    fn has_news(&mut self) -> Result<bool, CommandError> {
        self.place.store.check_file()?;
        // A clock that was set back must not silence the news.
        let now = self.context.clock.now();
        if self.deaf_until.is_some_and(|until| now < until && until - now <= REST_AFTER_FAULT) {
            return Ok(false);
        }
        // A version that cannot be read is for the next turn to find out about.
        let version = self.place.store.data_version();
        let is_same = version.is_ok_and(|version| version == self.seen)
            || self.seen_by_delivery.is_some() && self.place.version_for_delivery() == self.seen_by_delivery;
        Ok(!is_same || self.marks.now() != self.marks)
    }
}

impl Turning<'_, '_> {
    /// Makes one run and reports it. Gives back when time alone brings something to call, and what went wrong in a way that the next
    /// turn may find mended.
    fn call(&mut self) -> Result<(Option<DateTime<Utc>>, Option<CommandError>), CommandError> {
        self.place.store.check_file()?;
        let settings = self.context.settings()?;
        self.place.tell(&settings, self.context);
        match self.place.store.data_version() {
            Ok(version) => {
                self.seen = version;
                self.seen_by_delivery = self.place.version_for_delivery();
            }
            Err(error) if error.may_pass() => return Ok((None, Some(error.into()))),
            Err(error) => return Err(error.into()),
        }
        let request = RunRequest { client: self.place.client.clone(), ..RunRequest::default() };
        let report = match self.place.run(&request, &settings, self.context, self.interrupt) {
            Ok(report) => report,
            Err(error) if error.may_pass() => return Ok((None, Some(error.into()))),
            Err(error) => return Err(error.into()),
        };
        self.deaf_until = report.any_unavailable.then(|| self.context.clock.now() + REST_AFTER_FAULT);
        self.show(&report);
        let (until, is_passing) = (report.wake_at, report.failure.as_ref().is_none_or(|failure| failure.may_pass()));
        match judge(report) {
            Err(error) if !is_passing => Err(error),
            // The loop ends by the signal itself.
            Ok(()) | Err(CommandError { kind: ErrorKind::Signal(_), .. }) => Ok((until, None)),
            Err(error) => Ok((until, Some(error))),
        }
    }

    /// Reads the configuration when its files have changed; callq warns of a wrong one and keeps the one in use.
    fn read_configuration(&mut self) -> Option<CommandError> {
        let marks = self.marks.now();
        if !self.is_outdated && marks == self.marks {
            return None;
        }
        let loaded = config::load(&self.context.surroundings.locations);
        self.is_outdated = loaded.is_err();
        match loaded {
            Ok(settings) => {
                self.marks = marks.narrowed_to(settings.files());
                let path = settings.database_path(&self.context.surroundings.locations);
                let is_elsewhere = !path.is_ok_and(|path| path == self.place.path);
                self.context.settings = OnceCell::from(Arc::new(settings));
                is_elsewhere.then(|| {
                    let path = self.place.path.display();
                    let message = format!("the configuration names another database; {path} stays in use");
                    CommandError::message(ErrorKind::Config, message).with_hint("start `callq watch` again")
                })
            }
            Err(error) => {
                self.marks = marks;
                let message = format!("{error}\nthe configuration before this change stays in use");
                Some(CommandError::message(ErrorKind::Config, message))
            }
        }
    }

    fn show(&mut self, report: &RunReport) {
        if !self.prints || !self.context.shows_runs() {
            return;
        }
        if let Err(error) = self.context.show_turn(&view(report), self.turns == 0) {
            self.prints = false;
            self.context.warn_of(&error);
        }
    }

    /// Tells of the troubles of a turn, but for those that the turn before had too.
    fn warn_of(&mut self, troubles: Vec<CommandError>) {
        let texts = troubles.iter().map(ToString::to_string).collect();
        let before = std::mem::replace(&mut self.troubles, texts);
        for error in troubles.iter().filter(|error| !before.contains(&error.to_string())) {
            self.context.warn_of(error);
        }
    }
}
