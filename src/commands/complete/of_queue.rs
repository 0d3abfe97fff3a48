//! The words that the queue and the clients of the configuration give to completion.

use std::collections::BTreeSet;

use crate::cli::{Candidate, Named};
use crate::config::{self, Locations, Settings};
use crate::model::{ClientId, Item, Status};
use crate::store::{Access, Filter, Page, Store};

/// The most words of the queue that one answer gives.
const MOST_OF_QUEUE: usize = 50;

/// The most items in progress, and of those held, that are read to find some whose ids begin as typed.
const MOST_READ: usize = 1_000;

/// The queue, only to look at: it is neither made nor brought up to date, and one of an older version is left alone.
fn queue(settings: Option<&Settings>, locations: &Locations) -> Option<Store> {
    let path = match settings {
        Some(settings) => settings.database_path(locations).ok()?,
        None => locations.usual_database()?,
    };
    let store = Store::open(&path, Access::Look).ok()?;
    (!store.is_older().ok()?).then_some(store)
}

/// The clients of the configuration, and those of the queue that begin as typed.
pub(super) fn clients(typed: &str, locations: &Locations) -> BTreeSet<String> {
    let settings = config::load(locations).ok();
    let begun = |store: Store| store.clients_begun(typed, MOST_OF_QUEUE).ok();
    let queued = queue(settings.as_ref(), locations).and_then(begun).unwrap_or_default();
    let configured = settings.iter().flat_map(|settings| settings.policies.clients().map(ToString::to_string));
    configured.chain(queued.iter().map(ToString::to_string)).collect()
}

/// The items that a person has to look at, by id; by lead every item, once a letter is typed.
pub(super) fn items(typed: &str, named: &Named, locations: &Locations) -> Vec<Candidate> {
    if !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return leads(typed, named, locations);
    }
    let in_progress = Filter { statuses: vec![Status::InProgress], ..Filter::default() };
    let held = Filter { held: true, ..Filter::default() };
    // Two questions: each has an index, and both together have none.
    let found = found([in_progress, held], named, locations);
    let ids = found.iter().map(|item| Candidate { word: item.id.to_string(), about: about(item) });
    ids.filter(|candidate| candidate.word.starts_with(typed)).take(MOST_OF_QUEUE).collect()
}

/// The leads that begin as typed, the newest first.
pub(super) fn leads(typed: &str, named: &Named, locations: &Locations) -> Vec<Candidate> {
    let begun = |store: Store| store.leads_begun(client(named).as_ref(), typed).ok();
    let leads = queue(config::load(locations).ok().as_ref(), locations).and_then(begun).unwrap_or_default();
    bare(leads.iter().map(ToString::to_string).filter(|lead| !lead.starts_with('-')).take(MOST_OF_QUEUE))
}

/// The client that the command line names.
fn client(named: &Named) -> Option<ClientId> {
    named.client.as_ref().and_then(|client| client.parse().ok())
}

/// The newest items of each selection, of the client that the command line names.
fn found<const N: usize>(filters: [Filter; N], named: &Named, locations: &Locations) -> Vec<Item> {
    let client = client(named);
    let settings = config::load(locations).ok();
    let Some(store) = queue(settings.as_ref(), locations) else { return Vec::new() };
    let page = Page { reverse: true, limit: MOST_READ, ..Page::WHOLE };
    let of = |filter| store.page(&Filter { client: client.clone(), ..filter }, page).unwrap_or_default();
    filters.into_iter().flat_map(of).collect()
}

/// Which item an id means.
fn about(item: &Item) -> String {
    let state = if item.held { "held" } else { item.status.as_str() };
    format!("{} of {}, {state}", item.lead, item.client)
}

/// Words without a description.
pub(super) fn bare(words: impl IntoIterator<Item = String>) -> Vec<Candidate> {
    words.into_iter().map(|word| Candidate { word, about: String::new() }).collect()
}
