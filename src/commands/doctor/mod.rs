//! `callq doctor`: what is wrong with the configuration, the keys, the clock and the database.

mod clock;
mod configuration;
mod content;
mod database;
mod files;
mod findings;
mod keys;
mod leases;
mod queue;
mod schema;

use findings::Findings;

use super::context::Context;
use crate::cli::Doctor;
use crate::error::CommandError;
use crate::store::{Access, Store};

pub(super) fn run(_args: &Doctor, context: &mut Context<'_>) -> Result<(), CommandError> {
    let mut findings = Findings::default();
    let settings = context.settings();
    let path = match &settings {
        Ok(settings) => settings.database_path(&context.surroundings.locations).map_err(|error| error.to_string()),
        Err(_) => context
            .surroundings
            .locations
            .named_database()
            .ok_or_else(|| "not known while the configuration is wrong; --db names it".to_owned()),
    };
    let store = path.as_ref().ok().map(|path| Store::open(path, Access::Look));
    let queued = store.as_ref().and_then(|store| store.as_ref().ok()?.clients().ok());
    match &settings {
        Ok(settings) => {
            configuration::configuration(settings, queued, context, &mut findings);
            keys::keys(settings, context, &mut findings);
        }
        Err(error) => {
            let text = error.to_string();
            // Several places have a heading, which says only how many there are.
            let heading = usize::from(text.lines().count() > 1);
            text.lines().skip(heading).for_each(|line| findings.error("configuration", line));
        }
    }
    configuration::zone_data(context, &mut findings);
    schema::sqlite(&mut findings);
    match (&path, store) {
        (Ok(path), Some(store)) => database::database(path, store, context, &mut findings),
        (Err(reason), _) => findings.error("database", reason),
        (Ok(_), None) => {}
    }
    findings.tell(context)
}
