//! The database as `doctor` finds it: the checks of its content, calls, queue, clock and files, in their order.

use std::path::Path;

use super::clock::clock;
use super::findings::Findings;
use super::{content, files, leases, queue, schema};
use crate::commands::context::Context;
use crate::store::{Store, StoreError, StoreResult};

pub(super) fn database(path: &Path, store: StoreResult<Store>, context: &Context<'_>, findings: &mut Findings) {
    match store {
        Err(StoreError::Missing(_)) => {
            findings.ok("database", format!("none yet at {}: `callq add` makes it", path.display()));
            return clock(None, context, findings);
        }
        Err(error) => findings.error("database", error.to_string()),
        Ok(store) if store.is_older().unwrap_or(false) => {
            // Its tables are not those that the other checks read.
            if let Err(error) = schema::older(path, &store, findings) {
                findings.error("database", format!("{}: {error}", path.display()));
            }
        }
        Ok(store) => {
            type Check = fn(&Path, &Store, &mut Findings) -> StoreResult<()>;
            let checks: [(&str, Check); 3] = [
                ("database", content::content),
                ("calls", leases::leases),
                ("held", |_, store, findings| content::held(store, findings)),
            ];
            for (name, check) in checks {
                if let Err(error) = check(path, &store, findings) {
                    findings.error(name, format!("{}: {error}", path.display()));
                }
            }
            type Look = fn(&Store, &Context<'_>, &mut Findings) -> StoreResult<()>;
            let looks: [(&str, Look); 5] = [
                ("events", queue::events),
                ("registries", queue::registries),
                ("slots", queue::later_slots),
                ("runs", queue::runs),
                ("callbacks", queue::missed_callbacks),
            ];
            for (name, look) in looks {
                if let Err(error) = look(&store, context, findings) {
                    findings.error(name, error.to_string());
                }
            }
            clock(Some(&store), context, findings);
            files::disk(&store, findings);
            files::log(path, findings);
        }
    }
    files::permissions(path, findings);
}
