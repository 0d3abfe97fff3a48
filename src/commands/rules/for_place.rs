//! `callq rules for`: the rules that hold for a number, a region or a zone.

use std::sync::Arc;

use super::book::{book, policy};
use super::views::row;
use crate::cli::RulesFor;
use crate::commands::context::Context;
use crate::commands::times;
use crate::compliance::{LegalHours, Region};
use crate::contract::RulesForView;
use crate::enqueue::Planner;
use crate::error::{CommandError, ErrorKind};
use crate::output::week_line;
use crate::scheduler::{LegalPlace, LegalRule, hours_of_week};

pub(super) fn run(args: &RulesFor, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.number.is_none() && args.region.is_none() && args.timezone.is_empty() {
        return Err(CommandError::message(ErrorKind::Usage, "`rules for` needs a number, --region or --timezone")
            .with_hint("callq rules for +12125550117, or callq rules for --region US-NY"));
    }
    let (policy, client) = (policy(&args.client, context)?, context.client(&args.client)?);
    let home = &policy.hours.zone;
    let at = match &args.at {
        Some(text) => times::time("--at", text, home, context.now())?,
        None => context.now(),
    };
    let call = Planner::new(&policy, context.now()).read_fields(args.fields())?;
    let (place, zones) = (call.place(), call.legal_place().zones());
    let regions: Vec<Region> = place.regions.iter().filter_map(|code| code.as_str().parse().ok()).collect();
    let (purpose, voice) = (args.purpose.or(policy.law.purpose), args.voice.unwrap_or(policy.law.voice));
    let held = book(&policy)?.that_hold(&regions, purpose, voice);
    let of_hours = held.iter().filter(|rule| rule.speaks_of_hours()).map(|rule| rule.clone() as Arc<dyn LegalRule>);
    let legal = LegalPlace::with_rules(zones.to_vec(), of_hours.collect());
    let hours = LegalHours::new(&policy.hours.calling, &held, zones, home);
    let clocks = if zones.is_empty() { std::slice::from_ref(home) } else { zones };
    let view = RulesForView {
        number: call.phone().map(ToString::to_string),
        prefix: call.prefix().map(str::to_owned),
        region: args.region.clone(),
        zones: place.zones.iter().map(ToString::to_string).collect(),
        regions: place.regions.iter().map(ToString::to_string).collect(),
        evidence: place.evidence.as_str(),
        purpose: purpose.map(|purpose| purpose.as_str()),
        voice: voice.as_str(),
        at,
        open: hours.is_open(at),
        closed_by: hours.closed_by(at).into_iter().map(str::to_owned).collect(),
        next_open: hours.next_open(at),
        rows: held.iter().filter(|rule| rule.is_in_force_at(clocks, at)).map(|rule| row(rule)).collect(),
        client,
        week: week_line(&hours_of_week(&policy.hours, &legal, at), &home.abbreviation_at(at)),
        is_blocked: call.legal_place().is_blocked(),
    };
    context.show(&view)
}
