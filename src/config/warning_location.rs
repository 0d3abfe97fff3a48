//! A warning at its place: the uppermost layer that sets one of its keys.

use super::document::{Entries, Entry};
use super::error::{Location, Problem};
use super::load::Settings;

/// The entry of the first of these keys that a section sets.
pub(super) fn first_of<'a>(keys: &[&str], entries: &'a Entries) -> Option<&'a Entry> {
    let is_about = |name: &str, key: &str| name == key || key.ends_with('.') && name.starts_with(key);
    let set = |key: &str| entries.iter().find(|(name, _)| is_about(name, key)).map(|(_, entry)| entry);
    keys.iter().find_map(|key| set(key))
}

impl Settings {
    /// A warning at the uppermost layer that sets one of the keys, else at the section of the client.
    pub(super) fn warning(
        &self,
        from_above: &[&Entries],
        keys: &[&str],
        section: Option<usize>,
        message: String,
    ) -> Problem {
        let entry = from_above.iter().find_map(|entries| first_of(keys, entries));
        match (entry, section) {
            (Some(entry), _) => self.layers.problem_of(entry, entry.value.span.start, message),
            (None, Some(section)) => self.layers.problem_at(section, message),
            (None, None) => Problem { spot: Location::BuiltIn, message },
        }
    }
}
