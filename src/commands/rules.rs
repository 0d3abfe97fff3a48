//! `callq rules`

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::check_row::check_row;
use super::context::Context;
use super::input;
use super::rule_views::{detail, row};
use super::rules_caps;
use crate::cli::{Client, Rules, RulesAction, RulesCheck, RulesFor, RulesList, RulesShow};
use crate::compliance::{self, LegalHours, Region, RuleBook};
use crate::config;
use crate::contract::{CheckRow, List, RulesForView};
use crate::enqueue::Planner;
use crate::error::{CommandError, ErrorKind};
use crate::model::{Priority, did_you_mean};
use crate::scheduler::{LegalPlace, LegalRule, Policy, Window, windows};

pub(super) fn run(args: &Rules, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.action {
        RulesAction::List(args) => list(args, context),
        RulesAction::Show(args) => show(args, context),
        RulesAction::For(args) => rules_for(args, context),
        RulesAction::Check(args) => check(args, context),
        RulesAction::Caps(args) => rules_caps::run(args, context),
    }
}

/// The policy of the client that is named; the database is not asked whether there is one.
fn policy(named: &Client, context: &Context<'_>) -> Result<Arc<Policy>, CommandError> {
    context.policy_or_defaults(context.client(named)?.as_ref())
}

fn book(policy: &Policy) -> Result<&RuleBook, CommandError> {
    RuleBook::of(policy).ok_or_else(|| CommandError::message(ErrorKind::Failed, "the rules are not at hand"))
}

fn region(text: Option<&String>) -> Result<Option<Region>, CommandError> {
    let usage = |error| CommandError::message(ErrorKind::Usage, format!("{error}"));
    text.map(|text| text.parse()).transpose().map_err(usage)
}

fn list(args: &RulesList, context: &mut Context<'_>) -> Result<(), CommandError> {
    let policy = policy(&args.client, context)?;
    let (book, region) = (book(&policy)?, region(args.region.as_ref())?);
    let fits = |rule: &compliance::Rule| {
        let purpose = args.purpose.is_none_or(|purpose| rule.applies_to.fit_dial(Some(purpose), policy.law.voice));
        purpose && region.is_none_or(|region| rule.holds_in(&[region]))
    };
    let rows = book.set().all().iter().filter(|rule| fits(rule)).map(|rule| detail(rule, book.set())).collect();
    context.show(&List { rows })
}

fn show(args: &RulesShow, context: &mut Context<'_>) -> Result<(), CommandError> {
    let policy = policy(&args.client, context)?;
    let set = book(&policy)?.set();
    let Some(rule) = set.all().iter().find(|rule| rule.id() == args.id) else {
        let meant = did_you_mean(&args.id, set.all().iter().map(|rule| rule.id()));
        let message = format!("no rule `{}`{meant}", args.id.escape_debug());
        return Err(CommandError::message(ErrorKind::NotFound, message).with_hint("`callq rules list` shows them"));
    };
    context.show(&detail(rule, set))
}

fn rules_for(args: &RulesFor, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.number.is_none() && args.region.is_none() && args.timezone.is_empty() {
        return Err(CommandError::message(ErrorKind::Usage, "`rules for` needs a number, --region or --timezone")
            .with_hint("callq rules for +12125550117, or callq rules for --region US-NY"));
    }
    let (policy, client) = (policy(&args.client, context)?, context.client(&args.client)?);
    let home = &policy.hours.zone;
    let at = match &args.at {
        Some(text) => input::time("--at", text, home, context.now())?,
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
        week: week(&policy, &legal, at),
        is_blocked: call.legal_place().is_blocked(),
    };
    context.show(&view)
}

/// The hours of the seven days from a time on in which a normal call may begin: `Mon to Fri 09:00-17:00 EST`.
fn week(policy: &Policy, place: &LegalPlace, at: DateTime<Utc>) -> String {
    let zone = &policy.hours.zone;
    let found = windows(&policy.hours, place, Priority::Normal, at, at + TimeDelta::days(8));
    let mut days: Vec<(NaiveDate, Vec<String>)> = Vec::new();
    let today = zone.local(at).date();
    for Window { start, end } in found {
        // Part of the day of the question may be over, so the day a week later tells its hours.
        let (from, to) = (zone.local(start), zone.local(end));
        let date = from.date();
        if date == today || date > today + TimeDelta::days(7) {
            continue;
        }
        let span = format!("{}-{}", from.format("%H:%M"), to.format("%H:%M"));
        match days.last_mut() {
            Some((last, spans)) if *last == date => spans.push(span),
            _ => days.push((date, vec![span])),
        }
    }
    days.sort_by_key(|(date, _)| date.weekday().num_days_from_monday());
    let mut groups: Vec<(String, String, String)> = Vec::new();
    let mut last_day = None;
    for (date, spans) in days {
        let (weekday, spans) = (date.format("%a").to_string(), spans.join(" and "));
        let number = date.weekday().num_days_from_monday();
        match groups.last_mut() {
            Some((_, last, same)) if *same == spans && last_day == Some(number.wrapping_sub(1)) => *last = weekday,
            _ => groups.push((weekday.clone(), weekday, spans)),
        }
        last_day = Some(number);
    }
    let told = |(first, last, spans): (String, String, String)| match first == last {
        true => format!("{first} {spans}"),
        false => format!("{first} to {last} {spans}"),
    };
    let told: Vec<String> = groups.into_iter().map(told).collect();
    if told.is_empty() {
        "never in the next 7 days".to_owned()
    } else {
        format!("{} {}", told.join(", "), zone.abbreviation_at(at))
    }
}

fn check(args: &RulesCheck, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (settings, client) = (context.settings()?, context.client(&args.client)?);
    let warnings = config::law_warnings(&settings, client.as_ref(), context.now());
    let mut rows: Vec<CheckRow> = warnings.iter().map(|problem| check_row("warning", problem)).collect();
    if rows.is_empty() {
        let detail = format!("no warnings; rules of {}", compliance::shipped_rules_date());
        rows.push(CheckRow { check: "rules".to_owned(), verdict: "ok", detail });
    }
    context.show_checks(rows)
}
