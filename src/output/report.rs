//! What writing commands did, for people: a run, a batch, a prune, a pause.

use std::io::{self, Write};

use super::escape::visible;
use super::number::counted;
use super::render::View;
use super::style::Color;
use super::time::{RenderContext, span_of_millis};
use crate::contract::{Counts, PauseView, ProcessView, instant_text};

/// Errors that are named one by one; the rest is counted.
pub(super) const MOST_ERRORS: usize = 20;

impl View for ProcessView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.simulated {
            writeln!(out, "{}", look.style.paint(Color::Warning, "SIMULATED: no call was placed"))?;
        }
        for client in &self.clients {
            let name = visible(client.client_id.as_str());
            write!(out, "{}: {}", look.style.paint(Color::Bold, &name), summary(&client.counts))?;
            match &client.blocked_by {
                Some(reason) => {
                    let reason = format!("held back: {}", visible(reason));
                    writeln!(out, "; {}", look.style.paint(Color::Warning, &reason))?;
                }
                None => writeln!(out)?,
            }
        }
        if self.clients.len() > 1 {
            writeln!(out, "all: {}", summary(&self.counts))?;
        }
        for error in self.errors.iter().take(MOST_ERRORS) {
            let reason = error.reason.as_deref().unwrap_or("no reason given");
            writeln!(out, "  item {} ({}): {}", error.id, visible(&error.lead_id), visible(reason))?;
        }
        if let Some(more) = unnamed(self.errors.len() as u64) {
            writeln!(out, "  and {more} more: `--json` names them")?;
        }
        let notes = [
            (self.recovered, "attempt of an earlier run was settled", "attempts of earlier runs were settled"),
            (self.settled, "accepted call has its result now", "accepted calls have their result now"),
            (
                self.not_recorded,
                "outcome could not be recorded: standard error has it as JSON",
                "outcomes could not be recorded: standard error has them as JSON",
            ),
            (
                self.held_items,
                "held item waits for a decision: `callq list --held` shows it",
                "held items wait for a decision: `callq list --held` shows them",
            ),
        ];
        for (count, one, many) in notes.iter().filter(|(count, ..)| *count > 0) {
            writeln!(out, "{count} {}", if *count == 1 { one } else { many })?;
        }
        for (reason, count) in &self.failed_uncalled {
            let way_out = format!(
                "`callq list --status failed --reason {reason}` shows {}",
                if *count == 1 { "it" } else { "them" }
            );
            writeln!(out, "{} failed without a call ({reason}): {way_out}", counted(*count, "item"))?;
        }
        let took = span_of_millis(self.duration_ms);
        let next = look.when_or(None, self.next_call_at, "none");
        writeln!(out, "{} after {took}; next call: {next}", ended(&self.stopped_by))
    }

    fn header() -> Vec<&'static str> {
        vec!["client_id", "processed", "successful", "failed", "retried", "accepted", "held", "returned", "blocked_by"]
    }

    /// A row a client: the totals are their sums.
    fn rows(&self) -> Vec<Vec<String>> {
        let row = |client: &crate::contract::ClientCounts| {
            let Counts { processed, successful, failed, retried, accepted, held, returned } = client.counts;
            let numbers = [processed, successful, failed, retried, accepted, held, returned];
            let mut cells = vec![client.client_id.to_string()];
            cells.extend(numbers.iter().map(u64::to_string));
            cells.push(client.blocked_by.clone().unwrap_or_default());
            cells
        };
        self.clients.iter().map(row).collect()
    }

    fn turn(&self, _: bool, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let simulated = if self.simulated { "SIMULATED: " } else { "" };
        let blocked = match self.clients.iter().filter(|client| client.blocked_by.is_some()).count() {
            0 => String::new(),
            1 => "; 1 client held back".to_owned(),
            many => format!("; {many} clients held back"),
        };
        let next = look.when_or(None, self.next_call_at, "none");
        let now = look.local(None, look.now);
        let results = if self.settled > 0 { format!("; {} results came in", self.settled) } else { String::new() };
        let lost = if self.not_recorded > 0 { format!("; {} not recorded", self.not_recorded) } else { String::new() };
        let uncalled: u64 = self.failed_uncalled.values().sum();
        let uncalled = if uncalled > 0 { format!("; {uncalled} failed without a call") } else { String::new() };
        writeln!(
            out,
            "{now}: {simulated}{}{results}{lost}{uncalled}{blocked}; next call: {next}",
            summary(&self.counts)
        )
    }
}

/// The counts that are not zero, in words.
fn summary(counts: &Counts) -> String {
    let parts = [
        // What was given back was not called.
        (counts.processed.saturating_sub(counts.returned), "called"),
        (counts.successful, "reached"),
        (counts.retried, "to be called again"),
        (counts.failed, "failed"),
        (counts.accepted, "accepted"),
        (counts.held, "held"),
        (counts.returned, "returned uncalled"),
    ];
    let words: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if words.is_empty() { "nothing called".to_owned() } else { words.join(", ") }
}

/// Why a run ended, in words.
fn ended(stopped_by: &str) -> &str {
    match stopped_by {
        "drained" => "nothing more to call",
        "limit" => "stopped at --limit",
        "runtime" => "stopped at --max-runtime",
        "signal" => "stopped by a signal",
        "breaker" => "stopped: the dispatcher is unavailable",
        other => other,
    }
}

/// How many errors are not named one by one.
pub(super) fn unnamed(errors: u64) -> Option<u64> {
    errors.checked_sub(MOST_ERRORS as u64).filter(|more| *more > 0)
}

impl View for PauseView {
    fn table(&self, look: &RenderContext<'_>, out: &mut dyn Write) -> io::Result<()> {
        let client = self.client_id.as_ref();
        let who = client.map_or("everything".into(), |client| visible(client.as_str()));
        let state = match (self.paused_at, self.lifted_at) {
            (None, _) => "not paused".to_owned(),
            (Some(paused), None) => format!("paused since {}", look.when(client, paused)),
            (Some(_), Some(lifted)) => format!("resumed {}", look.when(client, lifted)),
        };
        let part = if self.meta.is_empty() { String::new() } else { format!(" with {}", self.meta.join(" and ")) };
        write!(out, "{}: {state}", look.style.paint(Color::Bold, &format!("{who}{}", visible(&part))))?;
        // Who paused it; the history has who resumed it.
        let is_lifted = self.lifted_at.is_some();
        if let Some(by) = &self.by {
            write!(out, " {}by {}", if is_lifted { "(was paused " } else { "" }, visible(by))?;
        }
        if let (Some(until), None) = (self.until, self.lifted_at) {
            write!(out, " until {}", look.when(client, until))?;
        }
        if let Some(reason) = &self.reason {
            write!(out, ": {}", visible(reason))?;
        }
        if is_lifted && self.by.is_some() {
            write!(out, ")")?;
        }
        writeln!(out)
    }

    fn header() -> Vec<&'static str> {
        vec!["client_id", "paused_at", "until", "by", "reason", "lifted_at", "meta"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let instant = |instant: Option<_>| instant.map_or_else(String::new, instant_text);
        vec![vec![
            self.client_id.as_ref().map_or_else(String::new, ToString::to_string),
            instant(self.paused_at),
            instant(self.until),
            self.by.clone().unwrap_or_default(),
            self.reason.clone().unwrap_or_default(),
            instant(self.lifted_at),
            self.meta.join(" "),
        ]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{CallError, ClientCounts, List};
    use crate::model::Format;
    use crate::output::sample::{self, at};
    use crate::output::{render, render_turn};

    fn written(view: &impl View, format: Format) -> String {
        let mut out = Vec::new();
        render(view, format, &sample::look(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn run() -> ProcessView {
        let acme = Counts { processed: 3, successful: 2, retried: 1, ..Counts::default() };
        ProcessView {
            run_id: "0193".into(),
            counts: Counts { held: 1, processed: 4, ..acme },
            stopped_by: "drained".into(),
            duration_ms: 2_500,
            next_call_at: Some(at("2026-11-23T14:00:00Z")),
            clients: vec![
                ClientCounts { client_id: "acme".parse().unwrap(), counts: acme, blocked_by: None },
                ClientCounts {
                    client_id: "beta".parse().unwrap(),
                    counts: Counts::default(),
                    blocked_by: Some("no dispatcher: set `dispatch.kind`".into()),
                },
            ],
            errors: vec![CallError { id: 7, lead_id: "l\n7".into(), reason: Some("busy".into()) }],
            simulated: true,
            recovered: 2,
            settled: 3,
            failed_uncalled: [("do_not_call", 1), ("no_consent", 2)].into(),
            held_items: 3,
            not_recorded: 0,
        }
    }

    #[test]
    fn what_was_given_back_was_not_called() {
        let told =
            |processed, successful, returned| summary(&Counts { processed, successful, returned, ..Counts::default() });
        assert_eq!(told(0, 0, 0), "nothing called");
        assert_eq!(told(3, 1, 2), "1 called, 1 reached, 2 returned uncalled");
        assert_eq!(told(2, 0, 2), "2 returned uncalled");
    }

    #[test]
    fn a_run_is_told_by_client() {
        let expected = "\
SIMULATED: no call was placed
acme: 3 called, 2 reached, 1 to be called again
beta: nothing called; held back: no dispatcher: set `dispatch.kind`
all: 4 called, 2 reached, 1 to be called again, 1 held
  item 7 (l\\n7): busy
2 attempts of earlier runs were settled
3 accepted calls have their result now
3 held items wait for a decision: `callq list --held` shows them
1 item failed without a call (do_not_call): `callq list --status failed --reason do_not_call` shows it
2 items failed without a call (no_consent): `callq list --status failed --reason no_consent` shows them
nothing more to call after 2 s; next call: 2026-11-23 09:00 EST
";
        assert_eq!(written(&run(), Format::Table), expected);
        let csv = "client_id,processed,successful,failed,retried,accepted,held,returned,blocked_by\r\n\
                   acme,3,2,0,1,0,0,0,\r\nbeta,0,0,0,0,0,0,0,no dispatcher: set `dispatch.kind`\r\n";
        assert_eq!(written(&run(), Format::Csv), csv);
        assert_eq!(written(&run(), Format::Jsonl).lines().count(), 1);
        assert!(written(&run(), Format::Json).starts_with("{\n  \"run_id\": \"0193\",\n  \"processed\": 4,\n"));
    }

    #[test]
    fn a_quiet_run_is_one_line() {
        let quiet = ProcessView { stopped_by: "drained".into(), duration_ms: 2_500, ..ProcessView::default() };
        assert_eq!(written(&quiet, Format::Table), "nothing more to call after 2 s; next call: none\n");
    }

    #[test]
    fn a_turn_of_watch_is_one_line() {
        let mut out = Vec::new();
        render_turn(&run(), Format::Table, true, &sample::look(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "2026-11-22 07:00 EST: SIMULATED: 4 called, 2 reached, 1 to be called again, 1 held; \
             3 results came in; 3 failed without a call; 1 client held back; next call: 2026-11-23 09:00 EST\n"
        );
    }

    #[test]
    fn turns_of_watch_are_a_stream_in_every_format() {
        let written = |format| {
            let mut out = Vec::new();
            for is_first in [true, false] {
                render_turn(&run(), format, is_first, &sample::look(), &mut out).unwrap();
            }
            String::from_utf8(out).unwrap()
        };
        for format in [Format::Json, Format::Jsonl] {
            assert!(written(format).lines().all(|line| line.starts_with("{\"run_id\":\"0193\",\"processed\":4,")));
            assert_eq!(written(format).lines().count(), 2);
        }
        let csv = written(Format::Csv);
        let firsts: Vec<&str> = csv.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(firsts, ["client_id", "acme", "beta", "acme", "beta"]);
    }

    #[test]
    fn a_pause_says_who_since_when_and_why() {
        let pause = PauseView {
            client_id: None,
            paused_at: Some(at("2026-11-22T11:00:00Z")),
            until: Some(at("2026-11-23T14:00:00Z")),
            by: Some("ops".into()),
            reason: Some("storm".into()),
            lifted_at: None,
            meta: Vec::new(),
        };
        assert_eq!(
            written(&pause, Format::Table),
            "everything: paused since 2026-11-22 06:00 EST by ops until 2026-11-23 09:00 EST: storm\n"
        );
        let lifted = PauseView {
            client_id: Some("acme".parse().unwrap()),
            lifted_at: Some(at("2026-11-22T12:00:00Z")),
            ..pause.clone()
        };
        let part = PauseView { meta: vec!["campaign=spring".into()], ..lifted.clone() };
        assert!(written(&part, Format::Table).starts_with("acme with campaign=spring: resumed "));
        let none = PauseView { paused_at: None, until: None, by: None, reason: None, ..pause };
        let list = List { rows: vec![lifted, none] };
        assert_eq!(
            written(&list, Format::Table),
            "acme: resumed 2026-11-22 07:00 EST (was paused by ops: storm)\neverything: not paused\n"
        );
        assert_eq!(written(&list, Format::Jsonl).lines().count(), 2);
        assert_eq!(written(&list, Format::Csv).lines().count(), 3);
    }
}
