//! A pause: no new call of a client, or of everybody, starts while it stands.

use chrono::{DateTime, Utc};

use super::{ClientId, to_text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Whose calls it holds; none means everybody's.
    pub client: Option<ClientId>,
    pub paused_at: DateTime<Utc>,
    /// It ends by itself at this instant.
    pub until: Option<DateTime<Utc>>,
    pub by: String,
    pub reason: Option<String>,
}

impl Pause {
    /// The widest of some pauses: that of everything, else the first.
    pub fn widest(pauses: &[Pause]) -> Option<&Pause> {
        pauses.iter().find(|pause| pause.client.is_none()).or(pauses.first())
    }

    /// Who paused what and until when, in a few words; the instant in UTC.
    pub fn in_short(&self) -> String {
        let whose = if self.client.is_some() { "paused" } else { "everything is paused" };
        let until = self.until.map(|until| format!(" until {}", to_text(until))).unwrap_or_default();
        format!("{whose}{until} by {}", self.by)
    }

    /// Whether it holds the calls of a client.
    pub fn holds(&self, client: &ClientId) -> bool {
        self.client.as_ref().is_none_or(|paused| paused == client)
    }
}
