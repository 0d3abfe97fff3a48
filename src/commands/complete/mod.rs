//! `callq complete`, which completion scripts ask: fast, and silent about what is wrong.

mod of_queue;

use std::path::PathBuf;

use of_queue::bare;

use super::context::{Context, output_failed};
use crate::cli::{Candidate, Complete, Completion, Named, ValueSource, completion};
use crate::config::{self, Locations};
use crate::error::CommandError;
use crate::output::ItemColumn;

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
        ValueSource::Clients => bare(of_queue::clients(typed, &locations)),
        ValueSource::Items => of_queue::items(typed, &completion.named, &locations),
        ValueSource::Leads => of_queue::leads(typed, &completion.named, &locations),
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
