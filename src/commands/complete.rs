//! `callq complete`, which completion scripts ask: fast, and silent about what is wrong.

use std::path::PathBuf;

use super::context::{Context, output_failed};
use crate::cli::{Candidate, Complete, Completion, ValueSource, completion};
use crate::config::{self, Locations, Settings};
use crate::error::CommandError;
use crate::output::ItemColumn;

pub(super) fn run(args: &Complete, context: &mut Context<'_>) -> Result<(), CommandError> {
    let completion = completion(&args.before, &args.current);
    let text = answer(&completion, &args.current, &context.surroundings.locations);
    context.out.write_all(text.as_bytes()).map_err(output_failed)
}

/// What the script reads: only words that go on as the one at the cursor began.
fn answer(completion: &Completion, current: &str, locations: &Locations) -> String {
    let words = match &completion.source {
        ValueSource::Files => return "files\n".to_owned(),
        ValueSource::Words(words) => words.clone(),
        ValueSource::Columns => bare(ItemColumn::ALL.map(|column| column.field().to_owned())),
        ValueSource::Clients => {
            let settings = settings(completion, locations);
            bare(settings.iter().flat_map(|settings| settings.policies.clients().map(ToString::to_string)))
        }
        ValueSource::Keys => {
            let settings = settings(completion, locations);
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

/// The settings of the command line that is being written, if they can be read.
fn settings(completion: &Completion, locations: &Locations) -> Option<Settings> {
    let named = completion.config.as_ref().map(PathBuf::from);
    let config_flag = named.or_else(|| locations.config_flag.clone());
    config::load(&Locations { config_flag, ..locations.clone() }).ok()
}
