//! `callq consent list`

use crate::cli::Numbers;
use crate::commands::context::{Context, output_failed};
use crate::contract::ConsentView;
use crate::error::CommandError;
use crate::model::ClientId;
use crate::store::{Access, ConsentFilter};

/// This number of consents is read at once.
const PAGE: usize = 1_000;

pub(super) fn run(
    client: Option<&ClientId>,
    phone: Option<&String>,
    ended: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let numbers = phone.map(|phone| Numbers { numbers: vec![phone.clone()] });
    let number = numbers.map(|numbers| context.phone_numbers(&numbers, client)).transpose()?;
    let number = number.and_then(|mut numbers| numbers.pop());
    let store = context.store(Access::Read)?;
    client.map_or(Ok(()), |client| context.check_client(client, Some(&store)))?;
    let (filter, now) = (ConsentFilter { client: client.cloned(), number, ended }, context.now());
    let last_id = context.show_each(|writer| {
        let mut after = 0;
        loop {
            let page = store.consents(&filter, after, PAGE, now)?;
            let Some(last) = page.last() else { return Ok(after) };
            after = last.consent.id;
            for entry in page {
                let view = ConsentView::new(entry.number.to_string(), entry.client, &entry.consent, entry.by);
                writer.write(&view).map_err(output_failed)?;
            }
        }
    })?;
    context.say_if_empty(last_id == 0, "No consents.");
    Ok(())
}
