//! What lists say of the number of an item, as far as they are asked.

use rusqlite::Connection;

use super::{consents, registries};
use crate::model::{Item, ListFacts, ListQuestions};
use crate::store::error::StoreResult;
use crate::store::sqlite::queue::reader::QueueReader;

/// What registries and consents say of the number of an item.
pub(crate) fn facts(connection: &Connection, item: &Item, asked: &ListQuestions) -> StoreResult<ListFacts> {
    let Some(phone) = &item.phone else { return Ok(ListFacts::default()) };
    let consents = if asked.consents { consents::standing(connection, phone, &item.client)? } else { Vec::new() };
    Ok(ListFacts {
        registries: registries::facts(connection, asked.registries.iter().map(String::as_str), phone)?,
        consents,
    })
}

impl QueueReader<'_> {
    /// What lists say of the number of an item.
    pub fn list_facts(&self, item: &Item, asked: &ListQuestions) -> StoreResult<ListFacts> {
        facts(self.connection, item, asked)
    }
}
