//! A pause: no new call of a client, of everybody, or of items with some metadata starts while it stands.

use chrono::{DateTime, Utc};

use super::{ClientId, Item, MetaTest, to_text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Whose calls it holds; none means everybody's.
    pub client: Option<ClientId>,
    /// It holds only items whose metadata passes all of these tests.
    pub meta: Vec<MetaTest>,
    pub paused_at: DateTime<Utc>,
    /// It ends by itself at this instant.
    pub until: Option<DateTime<Utc>>,
    pub by: String,
    pub reason: Option<String>,
}

impl Pause {
    /// The widest of some pauses: that of everything, else the first.
    pub fn widest(pauses: &[Pause]) -> Option<&Pause> {
        pauses.iter().find(|pause| pause.client.is_none() && pause.is_whole()).or(pauses.first())
    }

    /// Who paused what and until when, in a few words; the instant in UTC.
    pub fn in_short(&self) -> String {
        let whose = match (&self.client, self.part()) {
            (_, Some(part)) => format!("items with {part} are paused"),
            (Some(_), None) => "paused".to_owned(),
            (None, None) => "everything is paused".to_owned(),
        };
        let until = self.until.map(|until| format!(" until {}", to_text(until))).unwrap_or_default();
        format!("{whose}{until} by {}", self.by)
    }

    /// Whether it holds all items of its client, or of everybody.
    pub fn is_whole(&self) -> bool {
        self.meta.is_empty()
    }

    /// Whether it holds all calls of a client.
    pub fn holds_all_of(&self, client: &ClientId) -> bool {
        self.is_whole() && self.concerns(client)
    }

    /// Whether it holds the calls of an item.
    pub fn holds(&self, item: &Item) -> bool {
        self.concerns(&item.client) && self.meta.iter().all(|test| test.passes(item.metadata.as_ref()))
    }

    /// Which items it holds, where not all.
    pub fn part(&self) -> Option<String> {
        let tests: Vec<String> = self.meta.iter().map(MetaTest::to_string).collect();
        (!self.is_whole()).then(|| tests.join(" and "))
    }

    fn concerns(&self, client: &ClientId) -> bool {
        self.client.as_ref().is_none_or(|paused| paused == client)
    }
}
