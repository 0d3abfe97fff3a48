//! The do-not-call list and the copies of registries.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::encode;
use crate::model::{ClientId, DoNotCallEntry, Item, RegistryCopy, RegistryFacts};

/// The name of callq's own list, beside those of registries.
pub(crate) const OWN_LIST: &str = "do_not_call";

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DncEntryView {
    /// The number, or the prefix with a `*` behind it.
    pub number: String,
    /// The client; none for all.
    #[serde(serialize_with = "encode::optional_client")]
    pub client_id: Option<ClientId>,
    pub source: String,
    pub reason: Option<String>,
    #[serde(serialize_with = "encode::instant")]
    pub since: DateTime<Utc>,
    /// It ends by itself then.
    #[serde(serialize_with = "encode::optional_instant")]
    pub until: Option<DateTime<Utc>>,
    pub by: String,
    /// The item in whose call the person asked for it.
    pub item_id: Option<u64>,
    #[serde(serialize_with = "encode::optional_instant")]
    pub removed_at: Option<DateTime<Utc>>,
    pub removed_by: Option<String>,
    pub removed_reason: Option<String>,
}

impl From<&DoNotCallEntry> for DncEntryView {
    fn from(entry: &DoNotCallEntry) -> DncEntryView {
        let removal = entry.removal.as_ref();
        DncEntryView {
            number: entry.new.pattern.to_string(),
            client_id: entry.new.client.clone(),
            source: entry.new.source.clone(),
            reason: entry.new.reason.clone(),
            since: entry.since,
            until: entry.new.until,
            by: entry.by.clone(),
            item_id: entry.new.said_in.map(|item| item.get()),
            removed_at: removal.map(|removal| removal.at),
            removed_by: removal.map(|removal| removal.by.clone()),
            removed_reason: removal.and_then(|removal| removal.reason.clone()),
        }
    }
}

/// An entry that `dnc add` was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DncAddedView {
    #[serde(flatten)]
    pub entry: DncEntryView,
    /// It stood before, and nothing was added.
    pub existing: bool,
    /// The waiting items that it ended, at most 1,000.
    pub ended: Vec<EndedItemView>,
    pub ended_count: u64,
}

/// A waiting item that an entry ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EndedItemView {
    pub id: u64,
    #[serde(serialize_with = "encode::client")]
    pub client_id: ClientId,
    pub lead_id: String,
}

impl From<&Item> for EndedItemView {
    fn from(item: &Item) -> EndedItemView {
        let lead_id = item.lead.as_str().to_owned();
        EndedItemView { id: item.id.get(), client_id: item.client.clone(), lead_id }
    }
}

/// What one list says of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DncCheckView {
    pub number: String,
    /// `do_not_call`, or the name of a registry.
    pub list: String,
    pub listed: bool,
    /// Whether the copy of a registry speaks of the number.
    pub covered: Option<bool>,
    /// The day of a registry's copy.
    #[serde(serialize_with = "encode::optional_date")]
    pub as_of: Option<NaiveDate>,
    /// The entry of callq's own list.
    pub entry: Option<DncEntryView>,
}

impl DncCheckView {
    /// The word of callq's own list: an entry, or none.
    pub(crate) fn of_own_list(number: &str, entry: Option<&DoNotCallEntry>) -> DncCheckView {
        DncCheckView {
            number: number.to_owned(),
            list: OWN_LIST.to_owned(),
            listed: entry.is_some(),
            covered: None,
            as_of: None,
            entry: entry.map(DncEntryView::from),
        }
    }

    /// The word of a registry's copy.
    pub(crate) fn of_registry(
        number: &str,
        copy: &RegistryCopy,
        facts: &RegistryFacts,
        is_covered: bool,
    ) -> DncCheckView {
        DncCheckView {
            number: number.to_owned(),
            list: copy.name.clone(),
            listed: facts.is_listed,
            covered: Some(is_covered),
            as_of: Some(copy.as_of),
            entry: None,
        }
    }
}

/// The copy of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RegistryView {
    pub name: String,
    #[serde(serialize_with = "encode::date")]
    pub as_of: NaiveDate,
    pub age_days: i64,
    pub numbers: u64,
    /// Area codes of +1 as three digits, other prefixes with a +, or `all`.
    pub covers: Vec<String>,
    /// The last day on which it may be used.
    #[serde(serialize_with = "encode::date")]
    pub fresh_until: NaiveDate,
    pub stale: bool,
    #[serde(serialize_with = "encode::instant")]
    pub imported_at: DateTime<Utc>,
    pub by: String,
    /// What it covers in words, for people.
    #[serde(skip)]
    pub coverage: String,
}

impl RegistryView {
    /// The copy on a day, when a copy may be this number of days old.
    pub(crate) fn new(copy: &RegistryCopy, max_age_days: u32, today: NaiveDate) -> RegistryView {
        let fresh_until = copy.fresh_until(max_age_days);
        RegistryView {
            name: copy.name.clone(),
            as_of: copy.as_of,
            age_days: (today - copy.as_of).num_days(),
            numbers: copy.numbers,
            covers: copy.covers.words(),
            fresh_until,
            stale: today > fresh_until,
            imported_at: copy.imported_at,
            by: copy.by.clone(),
            coverage: copy.covers.to_string(),
        }
    }
}
