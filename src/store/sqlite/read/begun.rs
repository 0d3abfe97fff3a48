//! Names that begin as a person typed, for completion: a few steps in an index, for a queue of any length.

use std::collections::BTreeSet;

use rusqlite::{Connection, Params, params};

use crate::model::{ClientId, LeadId};
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::sqlite::read::rows;
use crate::store::sqlite::schema::TAKES_LEAD;

/// The most rows that one question reads.
const MOST_READ: i64 = 1_000;

/// Leads from ?1 to before ?2, in every status.
const LEADS: &str = "SELECT id, lead_id FROM items INDEXED BY items_lead
    WHERE lead_id >= ?1 AND lead_id < ?2 ORDER BY lead_id LIMIT ?3";

/// Those of the same rows that belong to the client ?4.
const LEADS_OF_CLIENT: &str = "SELECT id, lead_id FROM (
        SELECT id, lead_id, client_id FROM items INDEXED BY items_lead
        WHERE lead_id >= ?1 AND lead_id < ?2 ORDER BY lead_id LIMIT ?3
    ) AS begun WHERE client_id = (SELECT id FROM clients WHERE name = ?4)";

const CLIENTS: &str = "SELECT name FROM clients WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3";

/// Live and held leads of the client ?4.
fn live_leads_of_client() -> String {
    format!(
        "SELECT id, lead_id FROM items INDEXED BY items_live_lead
         WHERE {TAKES_LEAD} AND client_id = (SELECT id FROM clients WHERE name = ?4)
         AND lead_id >= ?1 AND lead_id < ?2 ORDER BY lead_id LIMIT ?3"
    )
}

/// Everything that begins as `begun` comes before this: it ends in the last character that there is.
fn end_of(begun: &str) -> String {
    format!("{begun}{}", char::MAX)
}

fn leads(connection: &Connection, sql: &str, values: impl Params) -> StoreResult<Vec<(i64, LeadId)>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(values, |row| Ok((row.get(0)?, rows::parsed(row, 1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Store {
    /// Leads of one client or of all that begin as `begun`, each once, the newest of those read first. Where very many leads
    /// begin so, it finds the first of them by the alphabet, and of one client those that are not finished.
    pub fn leads_begun(&self, client: Option<&ClientId>, begun: &str) -> StoreResult<Vec<LeadId>> {
        let (connection, end) = (&self.connection, end_of(begun));
        let mut found = match client {
            None => leads(connection, LEADS, params![begun, end, MOST_READ])?,
            Some(client) => {
                let values = params![begun, end, MOST_READ, client.as_str()];
                let mut found = leads(connection, &live_leads_of_client(), values)?;
                found.extend(leads(connection, LEADS_OF_CLIENT, values)?);
                found
            }
        };
        found.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        let mut seen = BTreeSet::new();
        Ok(found.into_iter().map(|(_, lead)| lead).filter(|lead| seen.insert(lead.clone())).collect())
    }

    /// The first `most` clients by name that begin as `begun`.
    pub fn clients_begun(&self, begun: &str, most: usize) -> StoreResult<Vec<ClientId>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare(CLIENTS)?;
        let names = statement.query_map(params![begun, end_of(begun), most], |row| rows::parsed(row, 0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue with 20,000 leads of acme, all finished, and one of globex that waits.
    fn long_queue() -> Store {
        let mut store = Store::temporary().unwrap();
        store.execute(
            "INSERT INTO clients (id, name) VALUES (1, 'acme'), (2, 'globex'), (3, 'acme west');
             WITH RECURSIVE numbers (number) AS
                 (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 20000)
             INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, max_retries,
                 created_at, created_by, updated_at)
             SELECT 1, printf('lead-%05d', number), 2, 'cancelled', 0, 0, 0, 3, 0, 'ann', 0 FROM numbers;
             INSERT INTO items (client_id, lead_id, priority, status, zones, scheduled_at, first_slot_at, max_retries,
                 created_at, created_by, updated_at)
             VALUES (2, 'lead-9', 2, 'pending', 0, 0, 0, 3, 0, 'ann', 0), (2, 'Zoë', 2, 'pending', 0, 0, 0, 3, 0, 'ann', 0)",
        );
        store
    }

    #[test]
    fn an_index_finds_what_begins_so() {
        let store = long_queue();
        for (sql, index) in [
            (LEADS, "USING COVERING INDEX items_lead (lead_id>? AND lead_id<?)"),
            (LEADS_OF_CLIENT, "USING INDEX items_lead (lead_id>? AND lead_id<?)"),
            (&live_leads_of_client(), "USING INDEX items_live_lead (client_id=? AND lead_id>? AND lead_id<?)"),
            (CLIENTS, "(name>? AND name<?)"),
        ] {
            let plan = store.query_plan(sql).join("\n");
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
            assert!(!plan.contains("SCAN items"), "{sql}\n{plan}");
        }
    }

    #[test]
    fn a_long_queue_costs_no_more_than_the_rows_that_are_read() {
        let mut store = long_queue();
        let (acme, globex) = ("acme".parse().unwrap(), "globex".parse().unwrap());
        for client in [None, Some(&acme), Some(&globex)] {
            let (steps, found) = store.count_steps(|store| store.leads_begun(client, "lead-").unwrap());
            assert!(steps < 30_000, "{client:?}: {steps}");
            assert!(found.len() <= 1_000, "{client:?}");
        }
        assert_eq!(store.leads_begun(Some(&globex), "lead-").unwrap()[0].as_str(), "lead-9");
        assert_eq!(store.leads_begun(None, "lead-").unwrap()[0].as_str(), "lead-01000");
    }

    #[test]
    fn only_what_begins_so_is_found() {
        let store = long_queue();
        let names = |begun: &str| -> Vec<String> {
            store.leads_begun(None, begun).unwrap().iter().map(ToString::to_string).collect()
        };
        assert_eq!(names("lead-1234"), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map(|last| format!("lead-1234{last}")));
        assert_eq!(names("Zo"), ["Zoë"]);
        assert_eq!(names("zo"), [""; 0]);
        let clients = store.clients_begun("acme", 9).unwrap();
        assert_eq!(clients.iter().map(ClientId::as_str).collect::<Vec<_>>(), ["acme", "acme west"]);
        assert_eq!(store.clients_begun("", 2).unwrap().len(), 2);
    }
}
