//! Items by the names that people know: a lead id, or a phone number as written.

use std::collections::BTreeSet;

use super::context::Context;
use crate::cli::IdArgument;
use crate::error::{CommandError, ErrorKind};
use crate::model::{ClientId, Item, ItemId, StatusChoice, shortened};
use crate::store::{Filter, Page, Store};

/// What a name with several items means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Several {
    /// All of them.
    All,
    /// The one that waits or is in progress, else the newest.
    One,
}

/// Looks up names in the queue.
pub(super) struct Names<'n, 'c> {
    pub(super) context: &'n Context<'c>,
    pub(super) store: &'n Store,
    /// Names mean only items of this client.
    pub(super) client: Option<&'n ClientId>,
    pub(super) several: Several,
}

impl Names<'_, '_> {
    /// The items that an argument names, as ranges of ids. `place` says where it stands, for the message.
    pub(super) fn ranges(&self, place: &str, name: &IdArgument) -> Result<Vec<(ItemId, ItemId)>, CommandError> {
        if let IdArgument::Items(ranges) = name {
            return Ok(ranges.clone());
        }
        let items = self.items(place, name)?;
        let ids = match self.several {
            Several::All => items.iter().map(|item| item.id).collect(),
            Several::One => vec![one_of(place, name, &items)?],
        };
        Ok(ids.into_iter().map(|id| (id, id)).collect())
    }

    fn items(&self, place: &str, name: &IdArgument) -> Result<Vec<Item>, CommandError> {
        let of_client = || Filter { client: self.client.cloned(), ..Filter::default() };
        let of_lead = |lead| self.store.page(&Filter { lead: Some(lead), ..of_client() }, Page::WHOLE);
        let of_phone = |phone| self.store.page(&Filter { phone: Some(phone), ..of_client() }, Page::WHOLE);
        let items = match name {
            IdArgument::Items(_) | IdArgument::Stdin => Vec::new(),
            IdArgument::Lead(lead) => of_lead(lead.clone())?,
            IdArgument::Phone(text) => {
                of_phone(self.context.number_as_written(&format!("{place}phone"), text, self.client)?)?
            }
            IdArgument::Name(text) => {
                let items = text.parse().map_or_else(|_| Ok(Vec::new()), of_lead)?;
                match self.context.reading(text, self.client)? {
                    Ok(phone) if items.is_empty() => of_phone(phone)?,
                    Err(fault) if items.is_empty() && is_like_a_number(text) => {
                        return Err(self.unknown(place, name).with_hint(shortened(&fault)));
                    }
                    _ => items,
                }
            }
        };
        if items.is_empty() { Err(self.unknown(place, name)) } else { Ok(items) }
    }

    /// The error of a name that no item has.
    fn unknown(&self, place: &str, name: &IdArgument) -> CommandError {
        let (what, text) = match name {
            IdArgument::Lead(lead) => ("lead", lead.as_str()),
            IdArgument::Phone(text) => ("item with the number", text.as_str()),
            IdArgument::Name(text) => ("lead or phone number", text.as_str()),
            IdArgument::Items(_) | IdArgument::Stdin => ("item", ""),
        };
        let of = self.client.map(|client| format!(" of client {client}")).unwrap_or_default();
        let message = format!("{place}no {what} `{}`{of}", text.escape_debug());
        let named = match name {
            IdArgument::Name(text) => text.parse::<ClientId>().ok(),
            _ => None,
        };
        let is_client = |client: &ClientId| matches!(self.context.others_than(client, Some(self.store)), Ok(None));
        let hint = match named.filter(is_client) {
            Some(client) => format!("{client} is a client: name it with -c {client}"),
            None => selects(name).unwrap_or_else(|| "find it: callq list --search TEXT".to_owned()),
        };
        CommandError::message(ErrorKind::NotFound, shortened(&message)).with_hint(hint)
    }
}

/// The flag for a word that means several items and is not the name of one.
fn selects(name: &IdArgument) -> Option<String> {
    let IdArgument::Name(text) = name else { return None };
    match text.parse() {
        Ok(StatusChoice::Held) => Some("held items: --held".to_owned()),
        Ok(_) => Some(format!("{text} is a status: --status {text}")),
        Err(_) if text == "all" => Some("every item: --all; `callq list` lists all without it".to_owned()),
        Err(_) => None,
    }
}

/// Whether a text can be meant as a phone number: at least seven digits, and no letters.
fn is_like_a_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 7 && !text.contains(char::is_alphabetic)
}

/// The most items that a message names.
const MOST_NAMED: usize = 10;

/// The one item that a change of a lead or number means.
fn one_of(place: &str, name: &IdArgument, items: &[Item]) -> Result<ItemId, CommandError> {
    let clients: BTreeSet<&ClientId> = items.iter().map(|item| &item.client).collect();
    let live: Vec<&Item> = items.iter().filter(|item| !item.status.is_finished()).collect();
    let newest = items.iter().max_by_key(|item| item.id);
    match (clients.len(), live[..].first().or(newest.as_ref())) {
        (1, Some(item)) if live.len() <= 1 => Ok(item.id),
        (more, _) => {
            let (what, meant) = match more {
                1 => ("several waiting items", live),
                _ => ("items of several clients", items.iter().collect()),
            };
            Err(ambiguous(place, name, what, &meant, more > 1))
        }
    }
}

fn ambiguous(place: &str, name: &IdArgument, what: &str, items: &[&Item], of_clients: bool) -> CommandError {
    let each = |item: &&Item| format!("item {} ({} of {}, {})", item.id, item.lead, item.client, item.status);
    let named: Vec<String> = items.iter().take(MOST_NAMED).map(each).collect();
    let more = items.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!("{place}`{name}` names {what}: {}{more}", named.join(", "));
    let hint = if of_clients { "name the item by its id, or the client with -c" } else { "name the item by its id" };
    CommandError::message(ErrorKind::Refused, message).with_hint(hint)
}
