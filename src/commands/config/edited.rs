//! What `callq config set` and `unset` say of the keys that they wrote.

use super::client::queue;
use super::rows::view;
use crate::commands::context::Context;
use crate::commands::reschedule::later_slots;
use crate::config::{self, Edited, Row};
use crate::error::CommandError;
use crate::model::ClientId;

pub(super) fn report(edited: Edited, context: &mut Context<'_>) -> Result<(), CommandError> {
    let stronger = stronger(&edited.row, context);
    context.show_timeless(&view(edited.row))?;
    say_edited(edited.changed, stronger.as_slice(), context);
    Ok(())
}

/// Says what the rows do not: that nothing changed, and which flags and variables go before the file.
pub(super) fn say_edited(changed: bool, stronger: &[(&str, String)], context: &mut Context<'_>) {
    if !changed {
        context.say(format_args!("unchanged: already set to this value"));
    }
    for (name, key) in stronger {
        context.say(format_args!("{name} is set and goes before it: `callq config get {key}` shows what holds"));
    }
}

/// The flag or variable that goes before a row of the file, and the row's key.
pub(super) fn stronger(row: &Row, context: &Context<'_>) -> Option<(&'static str, String)> {
    row.overruled_by(&context.surroundings.locations).map(|name| (name, row.key.clone()))
}

/// Says that items keep slots which the new hours would make earlier.
pub(super) fn say_later_slots(keys: &[&str], client: Option<&ClientId>, context: &mut Context<'_>) {
    const OF_HOURS: [&str; 8] = [
        "timezone",
        "active_days",
        "holidays",
        "holiday_files",
        "holiday_exclude",
        "business_hours",
        "calling_hours",
        "law",
    ];
    let is_of_hours = |key: &&str| OF_HOURS.iter().any(|hours| key.split('.').next() == Some(hours));
    if !keys.iter().any(is_of_hours) {
        return;
    }
    let Ok(settings) = config::load(&context.surroundings.locations) else { return };
    let said = queue(&settings, context).map(|store| later_slots(&store, &settings, client, context));
    if let Some(words) = said.and_then(Result::ok).flatten() {
        context.say(format_args!("{words}"));
    }
}
