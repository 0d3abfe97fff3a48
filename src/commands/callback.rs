//! `callq callback`

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::change::{EditDecision, Verb, change};
use super::context::Context;
use super::targets::Selection;
use crate::cli::{Callback, CommonFilter, Consent, IdArgument};
use crate::enqueue::{Planners, PromiseTerms, Refusal};
use crate::error::{CommandError, ErrorKind};
use crate::gates::lead_zones;
use crate::model::{Item, PromiseClock};
use crate::scheduler::{Policy, TimeInputError, Zone, parse_time};
use crate::store::{Access, Obstacles};

pub(super) fn run(args: &Callback, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (settings, now) = (context.settings()?, context.now());
    // Whether a clock change skips or repeats it, only the zone of the item tells.
    if let Err(error) = parse_time(&args.at, &context.zone(None)?, now)
        && !matches!(error, TimeInputError::Skipped { .. } | TimeInputError::Repeated { .. })
    {
        return Err(CommandError::message(ErrorKind::Usage, error.to_string()));
    }
    let filter = CommonFilter::default();
    let meaning = Selection {
        ids: std::slice::from_ref(&args.id),
        client: &args.client,
        filter: &filter,
        phone: None,
        meta: &[],
        priorities: &[],
        reason: None,
        all: false,
    };
    let verb = Verb { name: "promise a call of", done: "promised", reason: args.note.as_deref(), dry_run: false };
    let mut planners = Planners::new(&settings.policies, now);
    let (mut told, mut refused) = (None, None);
    let blocked = context.store(Access::Read)?;
    let result = change(context, &meaning, Consent::default(), &verb, |item, obstacles| {
        let entry = || item.phone.as_ref().map(|phone| blocked.entry_for(phone, &item.client, now));
        let entry = match obstacles {
            Obstacles { rival: Some(rival), .. } => {
                return EditDecision::Refused(format!("item {rival} of the same lead is live or held"));
            }
            Obstacles { do_not_call: Some(entry), .. } => Some(entry),
            Obstacles { .. } => match entry().transpose() {
                Ok(entry) => entry.flatten(),
                Err(error) => return EditDecision::Refused(error.to_string()),
            },
        };
        if let Some(entry) = entry {
            let (pattern, source) = (&entry.new.pattern, &entry.new.source);
            return EditDecision::Refused(format!(
                "{pattern} is on the do-not-call list, source {source}; `callq dnc check` names the entry"
            ));
        }
        let policy = settings.policies.of(&item.client);
        let at = match instant(args, item, policy, now) {
            Ok(at) => at,
            Err(fault) => return EditDecision::Refused(fault),
        };
        let terms = PromiseTerms { at, window: args.window, moves: args.moves };
        match planners.of(&item.client).and_then(|planner| planner.promise(item, terms)) {
            Ok(new) => {
                let local = |instant| policy.hours.zone.format_local(instant);
                let until = new.promise.map(|promise| local(promise.until)).unwrap_or_default();
                let moved = if new.scheduled_at == at {
                    String::new()
                } else {
                    format!("{} is outside of the hours: ", local(at))
                };
                told = Some(format!("{moved}promised for {}, in a window up to {until}", local(new.scheduled_at)));
                EditDecision::Becomes(Box::new(new))
            }
            Err(refusal) => {
                let text = refusal.to_string();
                refused = Some(refusal);
                EditDecision::Refused(text)
            }
        }
    });
    match result {
        Ok(()) => {
            told.into_iter().for_each(|told| context.say(format_args!("{told}")));
            Ok(())
        }
        Err(error) if error.kind == ErrorKind::NotFound && !matches!(args.id, IdArgument::Items(_)) => {
            Err(error.with_hint("a new lead is queued with it: callq add -c CLIENT LEAD --phone NUMBER --callback T"))
        }
        Err(error) if matches!(refused, Some(Refusal::NotOpen { .. })) => {
            Err(error.with_hint("--move promises it for the next open time"))
        }
        Err(error) => Err(error),
    }
}

/// The instant that is promised, on the clock that was asked for.
fn instant(args: &Callback, item: &Item, policy: &Policy, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let mut zones = match args.clock {
        PromiseClock::Client => Vec::new(),
        PromiseClock::Lead => lead_zones(&item.place.zones).map_err(|error| error.to_string())?,
    };
    if zones.is_empty() {
        zones.push(policy.hours.zone.clone());
    }
    let mut readings: BTreeMap<DateTime<Utc>, &Zone> = BTreeMap::new();
    for zone in &zones {
        readings.entry(parse_time(&args.at, zone, now).map_err(|error| error.to_string())?).or_insert(zone);
    }
    let mut each = readings.iter();
    match (each.next(), each.next()) {
        (Some((at, _)), None) => Ok(*at),
        _ => {
            let told = readings.iter().map(|(at, zone)| {
                let zone = zone.name();
                format!("{} on the clock of {zone}", policy.hours.zone.format_local(*at))
            });
            let told: Vec<String> = told.collect();
            Err(format!(
                "the lead may be in several zones, and {} means {}: write the zone behind it",
                args.at,
                told.join(" or ")
            ))
        }
    }
}
