//! The argument vector of a call: the client's command with the lead's data in place of its placeholders.

use crate::dispatch::call::Call;
use crate::model::Placeholder;

/// The arguments after the program's name.
///
/// # Errors
/// The reason why this lead cannot be called so: it has no value for a placeholder, or one that the program would take for
/// an option.
pub(super) fn arguments(call: &Call) -> Result<Vec<String>, String> {
    // The program itself is never taken from the lead's data.
    call.settings.command.iter().skip(1).map(|argument| substituted(argument, call)).collect()
}

fn substituted(argument: &str, call: &Call) -> Result<String, String> {
    let Some(placeholder) = Placeholder::find(argument) else { return Ok(argument.to_owned()) };
    let value = value_of(placeholder, call).ok_or_else(|| format!("no value for {placeholder}"))?;
    if value.starts_with('-') { Err(format!("value of {placeholder} begins with -")) } else { Ok(value) }
}

fn value_of(placeholder: Placeholder, call: &Call) -> Option<String> {
    let item = &call.item;
    match placeholder {
        Placeholder::Phone => item.phone.as_ref().map(ToString::to_string),
        Placeholder::LeadId => Some(item.lead.to_string()),
        Placeholder::ClientId => Some(item.client.to_string()),
        Placeholder::ItemId => Some(item.id.to_string()),
        Placeholder::AttemptId => Some(call.attempt.to_string()),
        Placeholder::Attempt => Some(call.number.to_string()),
        Placeholder::Priority => Some(item.priority.to_string()),
        Placeholder::Key => item.key.as_ref().map(ToString::to_string),
    }
}
