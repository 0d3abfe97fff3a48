//! `callq complete`, which completion scripts ask: fast, and silent about what is wrong.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::context::{Context, output_failed};
use crate::cli::{Candidate, Complete, Completion, Named, ValueSource, completion};
use crate::config::{self, Locations, Settings};
use crate::error::CommandError;
use crate::model::{ClientId, Item, Status};
use crate::output::ItemColumn;
use crate::store::{Access, Filter, Page, Store};

/// The most words of the queue that one answer gives.
const MOST_OF_QUEUE: usize = 50;

/// The most items in progress, and of those held, that are read to find some whose ids begin as typed.
const MOST_READ: usize = 1_000;

pub(super) fn run(args: &Complete, context: &mut Context<'_>) -> Result<(), CommandError> {
    let completion = completion(&args.before, &args.current);
    let text = answer(&completion, &args.current, &context.surroundings.locations);
    context.out.write_all(text.as_bytes()).map_err(output_failed)
}

/// What the script reads: only words that go on as the one at the cursor began.
fn answer(completion: &Completion, current: &str, locations: &Locations) -> String {
    let locations = named_locations(&completion.named, locations);
    let typed = current.strip_prefix(completion.prefix.as_str()).unwrap_or(current);
    let words = match &completion.source {
        ValueSource::Files => return "files\n".to_owned(),
        ValueSource::Words(words) => words.clone(),
        ValueSource::Columns => bare(ItemColumn::ALL.map(|column| column.field().to_owned())),
        ValueSource::Clients => bare(clients(typed, &locations)),
        ValueSource::Items => items(typed, &completion.named, &locations),
        ValueSource::Leads => leads(typed, &completion.named, &locations),
        ValueSource::Keys => {
            let settings = config::load(&locations).ok();
            bare(settings.iter().flat_map(|settings| config::list(settings, None)).map(|row| row.key))
        }
        ValueSource::Nothing => Vec::new(),
    };
    let prefix = &completion.prefix;
    let mut text = "words\n".to_owned();
    for Candidate { word, about } in words {
        let word = format!("{prefix}{word}");
        if word.starts_with(current) {
            text.push_str(&format!("{word}\t{}\n", about.replace(['\n', '\t'], " ")));
        }
    }
    text
}

fn bare(words: impl IntoIterator<Item = String>) -> Vec<Candidate> {
    words.into_iter().map(|word| Candidate { word, about: String::new() }).collect()
}

/// The locations of the command line that is being written.
fn named_locations(named: &Named, locations: &Locations) -> Locations {
    let or =
        |named: &Option<String>, flag: &Option<PathBuf>| named.as_ref().map(PathBuf::from).or_else(|| flag.clone());
    Locations {
        config_flag: or(&named.config, &locations.config_flag),
        db_flag: or(&named.db, &locations.db_flag),
        ..locations.clone()
    }
}

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
fn clients(typed: &str, locations: &Locations) -> BTreeSet<String> {
    let settings = config::load(locations).ok();
    let begun = |store: Store| store.clients_begun(typed, MOST_OF_QUEUE).ok();
    let queued = queue(settings.as_ref(), locations).and_then(begun).unwrap_or_default();
    let configured = settings.iter().flat_map(|settings| settings.policies.clients().map(ToString::to_string));
    configured.chain(queued.iter().map(ToString::to_string)).collect()
}

/// The items that a person has to look at, by id; by lead every item, once a letter is typed.
fn items(typed: &str, named: &Named, locations: &Locations) -> Vec<Candidate> {
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
fn leads(typed: &str, named: &Named, locations: &Locations) -> Vec<Candidate> {
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
