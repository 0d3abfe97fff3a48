//! What a batch says beside its report: which records were skipped, where leads are, and that nothing was found.

use std::collections::BTreeMap;

use crate::commands::context::Context;
use crate::contract::BatchView;
use crate::model::InputFormat;
use crate::output::{counted, with_commas};

/// Warns of an input without a record, and names the skipped ones when asked to say more.
pub(super) fn say_of_records(view: &BatchView, context: &mut Context<'_>) {
    if view.scheduled + view.skipped + view.invalid == 0 {
        let name = view.input.as_ref().map_or("the input", |input| input.name.as_str());
        let is_table = view.input.as_ref().is_some_and(|input| input.format == InputFormat::Csv.as_str());
        let what = if is_table && view.columns.is_some() { "holds a header and no record" } else { "holds no lead" };
        context.say(format_args!("warning: {name} {what}: nothing was queued"));
    }
    if context.global.verbose {
        for skipped in &view.duplicates {
            let item = skipped.item.map_or(String::new(), |item| format!(" (item {item})"));
            context.say(format_args!("line {} ({}): skipped: {}{item}", skipped.line, skipped.lead_id, skipped.why));
        }
        if view.more_duplicates > 0 {
            context.say(format_args!("and {} more records were skipped", view.more_duplicates));
        }
    }
}

/// Says once what was found of where the leads are.
pub(super) fn say_places(placed: u64, zone_words: &BTreeMap<String, u64>, context: &mut Context<'_>) {
    match placed {
        0 => {}
        1 => context.say(format_args!("1 lead is called by the zone of its number or region")),
        _ => context
            .say(format_args!("{} leads are called by the zones of their numbers or regions", with_commas(placed))),
    }
    for (note, count) in zone_words {
        context.say(format_args!("{note}: {}", counted(*count, "lead")));
    }
}
