//! `callq update`

use super::change::{EditDecision, Verb, change};
use super::context::Context;
use super::targets::Selection;
use crate::cli::Update;
use crate::compliance::{CallingCode, number, zone_words};
use crate::enqueue::{NONE, Planners, Revised};
use crate::error::{CommandError, ErrorKind};
use crate::model::{Expiry, Item, RequestFields};

pub(super) fn run(args: &Update, context: &mut Context<'_>) -> Result<(), CommandError> {
    let meaning = Selection {
        ids: &args.ids,
        client: &args.client,
        filter: &args.filter,
        phone: args.with_phone.as_ref(),
        meta: &args.with_meta,
        priorities: &args.with_priority,
        reason: args.reason.reason.as_ref(),
        all: args.consent.all,
    };
    let fields = args.fields();
    if fields == RequestFields::default() {
        return Err(CommandError::message(ErrorKind::Usage, "no change is given").with_hint("callq update --help"));
    }
    check(&fields, context)?;
    let settings = context.settings()?;
    let mut planners = Planners::new(&settings.policies, context.now());
    let mut revised = |item: &Item| -> Result<Revised, String> {
        let planner = planners.of(&item.client).map_err(|refusal| refusal.to_string())?;
        // Each policy reads times and numbers in its own way.
        let call = planner.read_fields(fields.clone()).map_err(|error| error.to_string())?;
        planner.revise(item, &call).map_err(|refusal| refusal.to_string())
    };
    let note = args.options.note.as_deref();
    let verb = Verb { name: "update", done: "updated", reason: note, dry_run: args.options.dry_run };
    let (mut moved, mut later) = (0_u64, 0_u64);
    change(context, &meaning, args.consent, &verb, |item, _| match revised(item) {
        Ok(revised) => {
            moved += u64::from(revised.is_moved);
            later += u64::from(args.at.is_none() && revised.item.scheduled_at > item.scheduled_at);
            EditDecision::Becomes(Box::new(revised.item))
        }
        Err(message) => EditDecision::Refused(message),
    })?;
    if later > 0 {
        context.say(format_args!("{later} moved to a later slot, in other hours: --at now asks for the first one"));
    }
    if moved > 0 {
        context.say(format_args!("{moved} moved to the next slot: --at is outside of the windows"));
    }
    Ok(())
}

/// Times, numbers and zones that no policy could read are usage errors, before any item is looked at.
fn check(fields: &RequestFields, context: &Context<'_>) -> Result<(), CommandError> {
    let expires = fields.expires.clone().and_then(Expiry::at);
    for (flag, text) in [("--at: ", fields.at.as_ref()), ("--expires: ", expires.as_ref())] {
        text.map_or(Ok(()), |text| context.check_time(flag, text))?;
    }
    if let Some(text) = &fields.phone
        && let Err(error) = number::read(text, None)
        && !CallingCode::all().any(|code| number::read(text, Some(code)).is_ok())
        && !text.eq_ignore_ascii_case(NONE)
    {
        return Err(CommandError::message(ErrorKind::Usage, format!("--phone: {error}")));
    }
    let zones = fields.timezones.iter().try_for_each(|text| zone_words::read(text, None).map(drop));
    zones.map_err(|error| CommandError::message(ErrorKind::Usage, format!("--timezone: {error}")))
}
