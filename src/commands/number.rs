//! `callq number`

use super::context::Context;
use crate::cli::Number;
use crate::compliance::{CallingCode, Place, number};
use crate::contract::NumberView;
use crate::error::{CommandError, ErrorKind};

pub(super) fn run(args: &Number, context: &mut Context<'_>) -> Result<(), CommandError> {
    let code = calling_code(args, context)?;
    let number = number::read(&args.number, code).map_err(|error| CommandError::new(ErrorKind::InvalidPhone, error))?;
    let none: [&str; 0] = [];
    let place = Place::of(Some(&number), None, &none);
    context.show_timeless(&NumberView {
        written: &args.number,
        e164: number.as_str(),
        prefix: place.prefix,
        zones: place.zones.iter().map(AsRef::as_ref).collect(),
        regions: place.regions.iter().map(|region| region.as_str()).collect(),
    })
}

/// The country of a number without `+`: the flag's, else the client's.
fn calling_code(args: &Number, context: &Context<'_>) -> Result<Option<CallingCode>, CommandError> {
    if let Some(code) = &args.country_code {
        let usage = |error| CommandError::message(ErrorKind::Usage, format!("--country-code: {error}"));
        return code.parse().map(Some).map_err(usage);
    }
    let policy = context.policy_or_defaults(context.client(&args.client)?.as_ref())?;
    Ok(CallingCode::of_client(&policy))
}
