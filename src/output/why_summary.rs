//! The one sentence that tells an operator why an item is not called now.

use chrono::{DateTime, Utc};

use super::gate::gate_detail;
use super::time::{LocalTime, near, relative};
use crate::contract::{Evidence, Gate, NextCall, Verdict};
use crate::model::{Item, Status};

/// What the sentence is made of.
#[derive(Clone, Copy)]
pub struct WhySummary<'a> {
    pub item: &'a Item,
    /// What every gate says of it.
    pub verdicts: &'a [Verdict],
    /// When it can be called.
    pub next: NextCall,
    /// The first slot from now on by the hours alone.
    pub slot: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
    /// Who promised the call of the item, and the note on it: `by ann: wants the offer`.
    pub promised: Option<&'a str>,
    /// How the open call of the item stands, where its run does not go on.
    pub open_call: Option<&'a str>,
    /// The clock of the item's client.
    pub local: &'a dyn Fn(DateTime<Utc>) -> LocalTime,
}

impl WhySummary<'_> {
    /// What closes the item and when it can be called, such as `window closed: client acme opens Mon 09:00 EST; lead's zone
    /// America/Los_Angeles opens 11:00 EST; next call Mon 11:00 EST (in 2 d 3 h)`.
    pub fn sentence(&self) -> String {
        let sentence = self.what_closes();
        match self.promised.filter(|_| self.item.promise.is_some()) {
            Some(promised) => {
                let missed = if self.item.has_missed_promise(self.now) { "missed: was " } else { "" };
                format!("{missed}promised for {} {promised}; {sentence}", self.short(self.item.scheduled_at))
            }
            None => sentence,
        }
    }

    fn what_closes(&self) -> String {
        if self.verdicts.iter().all(|verdict| verdict.open) {
            return "can be called now".to_owned();
        }
        if let Some(status) = self.closed(Gate::Status) {
            return self.finished(status);
        }
        // A dispatcher that is missing or failed while the window is closed is the second thing to say.
        let word = if self.dispatcher_failed() { "dispatcher failed" } else { "no dispatcher" };
        let unplaced = self.told(word, Gate::Dispatcher);
        let (first, last) = match self.next {
            NextCall::At(slot) if slot > self.now => (None, unplaced),
            _ => (unplaced, None),
        };
        let due = self.closed(Gate::Due).filter(|due| !self.hours_tell(due));
        let parts = [
            self.told("wrong configuration", Gate::Configuration),
            self.told("paused", Gate::Paused),
            first,
            // What was promised stands in front of it.
            due.filter(|_| self.promised.is_none()).map(|due| format!("not due: {}", self.detail(due))),
            self.told("expired", Gate::Expired),
            self.window(),
            self.told("at capacity", Gate::Capacity),
            self.told("rate limit", Gate::RateLimit),
            self.closed(Gate::Cap).map(|cap| self.detail(cap)),
            self.told("number rests", Gate::NumberRest),
            self.told("number in use", Gate::NumberInUse),
            self.told("number refused", Gate::InvalidNumber),
            self.told("not to be called", Gate::DoNotCall),
            self.told("registry", Gate::Registry),
            self.told("no consent", Gate::Consent),
            Some(self.next_call()),
            last,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// The verdict of a gate, in words with whole dates.
    pub fn detail(&self, verdict: &Verdict) -> String {
        match self.open_call.filter(|_| verdict.gate == Gate::Status) {
            Some(told) => format!("in_progress: {told}"),
            None => gate_detail(verdict, &self.item.client, &|instant| self.whole(instant)),
        }
    }

    fn closed(&self, gate: Gate) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.gate == gate && !verdict.open)
    }

    fn told(&self, word: &str, gate: Gate) -> Option<String> {
        self.closed(gate).map(|closed| format!("{word}: {}", self.detail(closed)))
    }

    fn finished(&self, status: &Verdict) -> String {
        match self.item.status {
            Status::InProgress => self.detail(status).replacen("in_progress", "in progress", 1),
            Status::Completed => "completed: it is not called again".to_owned(),
            _ => self.detail(status),
        }
    }

    fn dispatcher_failed(&self) -> bool {
        self.verdicts.iter().any(Verdict::is_of_failed_dispatcher)
    }

    fn next_call(&self) -> String {
        match self.next {
            NextCall::At(slot) if slot <= self.now && self.dispatcher_failed() && self.closed_ones().count() == 1 => {
                "the next run tries it again".to_owned()
            }
            NextCall::At(slot) if slot <= self.now => "next call as soon as that changes".to_owned(),
            // Who reads of a law may have to show it to somebody: the date stands there whole.
            NextCall::At(slot) if self.laws().next().is_some() => {
                format!("next call {} ({})", self.whole(slot), relative(slot, self.now))
            }
            NextCall::At(slot) => format!("next call {} ({})", self.short(slot), relative(slot, self.now)),
            NextCall::ExpiresBefore(slot) => {
                let expires = self.item.expires_at.map(|at| self.short(at)).unwrap_or_default();
                format!("no next call: it expires {expires}, before its slot {}", self.short(slot))
            }
            NextCall::Never => "no next call".to_owned(),
        }
    }

    /// Whether the due time is nothing but the opening of the window, which then tells more.
    fn hours_tell(&self, due: &Verdict) -> bool {
        self.slot.is_some_and(|slot| slot > self.now && due.until.is_some_and(|until| until <= slot))
    }

    /// What the closed rules about time say.
    fn window(&self) -> Option<String> {
        if let Some(Evidence::NoSlot { reason }) = self.closed(Gate::Slot).map(|closed| &closed.evidence) {
            return Some(format!("the window never opens: {reason}"));
        }
        let told = |rule: &Verdict| gate_detail(rule, &self.item.client, &|instant| self.short(instant));
        let hours: Vec<String> =
            self.closed_ones().filter(|rule| matches!(rule.evidence, Evidence::Hours { .. })).map(told).collect();
        let mut laws: Vec<String> = self.laws().map(told).collect();
        // A rule closes in every zone for the same reason.
        laws.dedup();
        let hours = (!hours.is_empty()).then(|| format!("window closed: {}", hours.join("; ")));
        let all: Vec<String> = hours.into_iter().chain(laws).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// The rules of law that close. One that opens no later than the calling hours has nothing more to say than they.
    fn laws(&self) -> impl Iterator<Item = &Verdict> {
        let calling = self.closed_ones().filter(|verdict| verdict.gate == Gate::CallingHours);
        let opens = calling.filter_map(|verdict| verdict.until).max();
        let laws = self.closed_ones().filter(|verdict| matches!(verdict.evidence, Evidence::Law { .. }));
        laws.filter(move |law| opens.is_none() || law.until.is_none() || law.until > opens)
    }

    fn closed_ones(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| !verdict.open)
    }

    /// `Mon 2026-11-23 09:00 EST`, with the seconds of an instant that has some.
    fn whole(&self, instant: DateTime<Utc>) -> String {
        let LocalTime { local, abbreviation } = (self.local)(instant);
        let pattern = if instant.timestamp() % 60 == 0 { "%a %Y-%m-%d %H:%M" } else { "%a %Y-%m-%d %H:%M:%S" };
        format!("{} {abbreviation}", local.format(pattern))
    }

    /// `09:00 EST` of today, `Mon 09:00 EST` of the days around, with the date where a weekday could be another week's.
    fn short(&self, instant: DateTime<Utc>) -> String {
        near(&(self.local)(instant), &(self.local)(self.now)).unwrap_or_else(|| self.whole(instant))
    }
}
