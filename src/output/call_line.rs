//! A run while it goes on: a line a call, and a live line for each client.

use std::collections::BTreeMap;
use std::fmt;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::escape::visible;
use super::number::with_commas;
use super::time::span_of_millis;
use crate::contract::Counts;
use crate::model::ClientId;

/// A call as one line: `12:07:33 acme lead-72 +1305…0112 no_answer 14 s, again 12:12`.
#[derive(Debug, Clone)]
pub struct CallLine<'a> {
    /// The time of day on the client's clock.
    pub time: String,
    pub client: &'a str,
    pub lead: &'a str,
    pub phone: Option<&'a str>,
    /// Its reason, or else its outcome.
    pub word: &'a str,
    pub took_ms: Option<u64>,
    /// What follows: `again 12:12`, `held`.
    pub then: Option<String>,
}

impl fmt::Display for CallLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.time, visible(self.client), visible(self.lead))?;
        if let Some(phone) = self.phone {
            write!(f, " {}", shortened(phone))?;
        }
        write!(f, " {}", visible(self.word))?;
        if let Some(millis) = self.took_ms {
            write!(f, " {}", span_of_millis(millis))?;
        }
        match &self.then {
            Some(then) => write!(f, ", {then}"),
            None => Ok(()),
        }
    }
}

/// A number without its middle: enough to know it again, and not the number itself in every log of cron.
fn shortened(phone: &str) -> String {
    match (phone.get(..5), phone.get(phone.len().saturating_sub(4)..)) {
        (Some(start), Some(end)) if phone.len() > 9 => format!("{start}…{end}"),
        _ => phone.to_owned(),
    }
}

/// How far a client is: `5 in progress, 38 called, 12 reached`.
pub fn client_progress(counts: &Counts, in_flight: u32) -> String {
    let called = counts.processed.saturating_sub(counts.returned);
    let parts = [
        (u64::from(in_flight), "in progress"),
        (called, "called"),
        (counts.successful, "reached"),
        (counts.retried, "to be called again"),
        (counts.failed, "failed"),
        (counts.held, "held"),
    ];
    let shown = parts.iter().enumerate().filter(|(place, (count, _))| *place < 2 || *count > 0);
    let words: Vec<String> = shown.map(|(_, (count, word))| format!("{} {word}", with_commas(*count))).collect();
    words.join(", ")
}

/// A line for each client on a terminal, on standard error, gone at the end.
#[derive(Debug)]
pub struct LiveLines {
    lines: MultiProgress,
    clients: BTreeMap<ClientId, ProgressBar>,
}

impl LiveLines {
    /// None where standard error cannot be drawn over: it is not a terminal, or a dumb one. Lines above would be lost there.
    pub fn new() -> Option<LiveLines> {
        let target = ProgressDrawTarget::stderr();
        let can_draw = !target.is_hidden();
        can_draw.then(|| LiveLines { lines: MultiProgress::with_draw_target(target), clients: BTreeMap::new() })
    }

    /// Shows how far a client is.
    pub fn show(&mut self, client: &ClientId, text: &str) {
        let lines = &self.lines;
        let line = self.clients.entry(client.clone()).or_insert_with(|| {
            let line = lines.add(ProgressBar::new_spinner());
            // A message that is too long is cut at the edge: a line that took two rows would leave one of them behind.
            match ProgressStyle::with_template("{spinner} {wide_msg}") {
                Ok(style) => line.with_style(style),
                Err(_) => line,
            }
        });
        line.set_message(format!("{}  {text}", visible(client.as_str())));
        line.tick();
    }

    /// Writes a line above.
    pub fn write_above(&self, line: &str) {
        // Talk that nobody can read is no failure.
        let _ = self.lines.println(line);
    }
}

impl Drop for LiveLines {
    fn drop(&mut self) {
        self.clients.values().for_each(ProgressBar::finish_and_clear);
        let _ = self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_one_line_without_the_middle_of_its_number() {
        let line = CallLine {
            time: "12:07:33".into(),
            client: "acme",
            lead: "lead-72",
            phone: Some("+13055550112"),
            word: "no_answer",
            took_ms: Some(14_000),
            then: Some("again 12:12".into()),
        };
        assert_eq!(line.to_string(), "12:07:33 acme lead-72 +1305…0112 no_answer 14 s, again 12:12");
        let bare = CallLine { phone: None, took_ms: None, then: None, lead: "a\u{1b}[31m\nb", ..line.clone() };
        assert_eq!(bare.to_string(), "12:07:33 acme a\\u{1b}[31m\\nb no_answer");
        assert_eq!(CallLine { phone: Some("+1234567"), ..bare }.to_string().matches("+1234567").count(), 1);
    }

    #[test]
    fn a_client_is_told_by_its_counts() {
        let counts = Counts { processed: 1_038, successful: 12, returned: 1_000, ..Counts::default() };
        assert_eq!(client_progress(&counts, 5), "5 in progress, 38 called, 12 reached");
        assert_eq!(client_progress(&Counts::default(), 0), "0 in progress, 0 called");
    }
}
