//! What a person sees of a run while it goes on: a line a call, live lines on a terminal, and why it does not end.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::contract::Counts;
use crate::engine::{ObservedCall, RunObserver, RunProgress};
use crate::interrupt::{Interrupt, StopSign};
use crate::model::{ClientId, Item};
use crate::output::{CallLine, LiveLines, Style, client_progress, counted, wrapped};
use crate::scheduler::PolicyBook;
use crate::store::Resolution;

/// While calls go on, `watch` says so this often.
const REPORT_EVERY: TimeDelta = TimeDelta::seconds(30);

/// What is said of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Talk {
    pub(super) quiet: bool,
    /// A line a call.
    pub(super) each_call: bool,
    /// A live line for each client.
    pub(super) live: bool,
    /// A report at times while calls go on.
    pub(super) reports: bool,
}

/// Passes an interrupt on, and tells the person what the run does.
pub(super) struct RunTalk<'t> {
    interrupt: &'t dyn Interrupt,
    policies: &'t PolicyBook,
    err: RefCell<&'t mut dyn Write>,
    style: Style,
    talk: Talk,
    live: Option<RefCell<LiveLines>>,
    /// Whether it has said that it waits for calls in flight.
    is_draining_told: Cell<bool>,
    reported_at: Cell<DateTime<Utc>>,
}

impl<'t> RunTalk<'t> {
    pub(super) fn new(
        interrupt: &'t dyn Interrupt,
        policies: &'t PolicyBook,
        (err, style): (&'t mut dyn Write, Style),
        talk: Talk,
        now: DateTime<Utc>,
    ) -> RunTalk<'t> {
        RunTalk {
            interrupt,
            policies,
            err: RefCell::new(err),
            style,
            talk,
            live: (talk.live && !talk.quiet).then(LiveLines::new).flatten().map(RefCell::new),
            is_draining_told: Cell::new(talk.quiet),
            reported_at: Cell::new(now),
        }
    }

    /// Writes a line for a person.
    fn say(&self, line: &str) {
        self.write(&wrapped(line, self.style));
    }

    fn write(&self, line: &str) {
        // Talk that nobody can read is no failure.
        match &self.live {
            Some(live) => live.borrow().write_above(line),
            None => drop(writeln!(self.err.borrow_mut(), "{line}")),
        }
    }

    /// The time of day on the clock of a client, and the day where that is not the one of `now`.
    fn clock(&self, client: &ClientId, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let zone = &self.policies.of(client).hours.zone;
        let (at, now) = (zone.local(at), zone.local(now));
        let form = if at.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        at.format(form).to_string()
    }

    /// What a resolution means for the item, in words; none where the word of the call says it.
    fn then(&self, item: &Item, resolution: Resolution, at: DateTime<Utc>, has_reason: bool) -> Option<String> {
        let said = |word: &str| has_reason.then(|| word.to_owned());
        match resolution {
            Resolution::RetryAt { at: next, .. } => Some(format!("again {}", self.clock(&item.client, next, at))),
            Resolution::Promised { at: promised, .. } => {
                Some(format!("callback {}", self.clock(&item.client, promised, at)))
            }
            Resolution::GaveUp { held: true } => Some("held".to_owned()),
            Resolution::GaveUp { held: false } => said("failed"),
            Resolution::Completed => said("completed"),
            Resolution::Returned { .. } => said("not called"),
            Resolution::Accepted { .. } => said("accepted"),
        }
    }
}

impl RunObserver for RunTalk<'_> {
    fn call_ended(&self, call: &ObservedCall<'_>) {
        if !self.talk.each_call {
            return;
        }
        let ObservedCall { item, result, resolution, took_ms, at } = *call;
        let reason = result.reason.as_deref();
        let time = self.policies.of(&item.client).hours.zone.local(at).format("%H:%M:%S").to_string();
        let line = CallLine {
            time,
            client: item.client.as_str(),
            lead: item.lead.as_str(),
            phone: item.phone.as_ref().map(|phone| phone.as_str()),
            word: reason.unwrap_or(result.outcome.as_str()),
            took_ms,
            then: self.then(item, resolution, at, reason.is_some()),
        };
        self.say(&line.to_string());
    }

    fn progress(&self, progress: &RunProgress<'_>) {
        let in_flight = |client: &ClientId| progress.in_flight.get(client).copied().unwrap_or(0);
        if let Some(live) = &self.live {
            let mut clients: Vec<&ClientId> = progress.clients.keys().chain(progress.in_flight.keys()).collect();
            clients.sort();
            clients.dedup();
            for client in clients {
                let counts = progress.clients.get(client).map(|part| part.counts).unwrap_or_default();
                live.borrow_mut().show(client, &client_progress(&counts, in_flight(client)));
            }
        }
        let calls: u32 = progress.in_flight.values().sum();
        let is_late = (progress.at - self.reported_at.get()).abs() >= REPORT_EVERY;
        if self.talk.reports && !self.talk.quiet && calls > 0 && is_late {
            self.reported_at.set(progress.at);
            let counts = progress.clients.values().fold(Counts::default(), |sum, part| sum.plus(&part.counts));
            let zone = &self.policies.defaults().hours.zone;
            let time = zone.local(progress.at).format("%Y-%m-%d %H:%M:%S");
            let zone = zone.abbreviation_at(progress.at);
            self.say(&format!("{time} {zone}: {}", client_progress(&counts, calls)));
        }
    }
}

impl Interrupt for RunTalk<'_> {
    fn signal(&self) -> Option<u8> {
        self.interrupt.signal()
    }

    fn sign(&self) -> StopSign {
        self.interrupt.sign()
    }

    fn pause(&self, at_most: Duration) {
        self.interrupt.pause(at_most);
    }

    fn keep_outcome(&self, outcome: &str) {
        // An error, and so not quiet.
        self.write(outcome);
    }

    fn on_draining(&self, calls: usize) {
        if calls == 0 || self.is_draining_told.replace(true) {
            return;
        }
        let calls = counted(calls as u64, "call");
        self.say(&format!(
            "stopping: no more calls start; waiting for {calls} in flight (a second signal ends at once, and they go on)"
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;
    use crate::engine::ClientReport;
    use crate::interrupt::NoInterrupt;
    use crate::scheduler::Policy;

    fn said(talk: Talk, seconds: &[i64], in_flight: u32) -> String {
        let begun: DateTime<Utc> = "2026-11-23T15:00:00Z".parse().unwrap();
        let (policies, mut err) = (PolicyBook::new(Policy::default(), BTreeMap::new()), Vec::new());
        {
            let talk = RunTalk::new(&NoInterrupt, &policies, (&mut err, Style::PLAIN), talk, begun);
            let client: ClientId = "acme".parse().unwrap();
            let counts = Counts { processed: 3, successful: 2, ..Counts::default() };
            let clients = BTreeMap::from([(client.clone(), ClientReport { counts, blocked_by: None })]);
            let in_flight = HashMap::from([(client, in_flight)]);
            for second in seconds {
                let at = begun + TimeDelta::seconds(*second);
                talk.progress(&RunProgress { at, clients: &clients, in_flight: &in_flight });
            }
        }
        String::from_utf8(err).unwrap()
    }

    #[test]
    fn while_calls_go_on_watch_says_how_far_it_is_every_30_seconds() {
        let watch = Talk { reports: true, ..Talk::default() };
        let expected = "2026-11-23 10:00:30 EST: 5 in progress, 3 called, 2 reached\n\
                        2026-11-23 10:01:00 EST: 5 in progress, 3 called, 2 reached\n";
        assert_eq!(said(watch, &[0, 1, 29, 30, 31, 59, 60, 61], 5), expected);
        assert_eq!(said(watch, &[30, 60], 0), "", "nothing goes on");
        assert_eq!(said(Talk { quiet: true, ..watch }, &[30, 60], 5), "");
        assert_eq!(said(Talk::default(), &[30, 60], 5), "");
    }
}
