//! `callq report`

use std::collections::HashSet;

use super::change::show_items;
use super::context::Context;
use super::input::encoding;
use super::names::Several;
use super::targets::ranges;
use super::webhook::Signed;
use crate::cli::{IdArgument, Report};
use crate::dispatch::LeaseFolder;
use crate::engine::{Reporting, moved_promise, read_time, with_time, wrong_clock};
use crate::error::{CommandError, ErrorKind};
use crate::intake::{OpenError, read_results};
use crate::model::{CallReport, CallResult, Item, ReportInput, ReportTarget, Status, WrittenTime};
use crate::store::{Access, Reported, Store};

pub(super) fn run(args: &Report, context: &mut Context<'_>) -> Result<(), CommandError> {
    let signed = match (args.input, &args.signature) {
        (Some(ReportInput::Retell), Some(signature)) => Some(Signed::read(signature, context)?),
        (Some(ReportInput::Retell), None) | (_, Some(_)) => {
            let message = "--signature HEADER and --input retell belong together";
            return Err(CommandError::message(ErrorKind::Usage, message));
        }
        (_, None) => None,
    };
    let reports = match &signed {
        Some(signed) => signed.report(context).map(|report| (None, report)).into_iter().collect(),
        None => read(args, context)?,
    };
    let (lines, mut reports): (Vec<Option<u64>>, Vec<CallReport>) = reports.into_iter().unzip();
    let settings = context.settings()?;
    let leases = LeaseFolder::open(&context.database_path()?);
    let mut store = context.store(Access::Change)?;
    if let Some(report) = reports.first_mut().filter(|_| args.target.is_some()) {
        report.target = named_target(&report.target, args, &store, context)?;
    }
    for report in &reports {
        signed.as_ref().map_or(Ok(()), |signed| signed.check_client(report, &store, context))?;
    }
    for (line, report) in lines.iter().zip(&mut reports) {
        if signed.is_some() {
            // A provider is not asked again what it meant. What it repeats of a call that is settled needs no time.
            let is_open = |item: &Item| item.status == Status::InProgress || item.held;
            if let Some(item) = store.reported_item(&report.target)?.filter(is_open) {
                let policy = settings.policies.of(&item.client);
                report.result = with_time(policy, &item, report.result.clone(), context.now());
            }
            continue;
        }
        read_its_time(*line, report, &store, context)?;
    }
    let boot = (context.surroundings.boot)();
    let answers = Reporting {
        store: &mut store,
        policies: &settings.policies,
        leases: &leases,
        boot: boot.as_deref(),
        provider: &context.retell(),
        by: context.actor(),
        now: context.now(),
    }
    .take_in(&reports)?;
    let (mut items, mut settled, mut warnings, mut moved) = (Vec::new(), 0_u64, Vec::new(), Vec::new());
    for ((line, report), answer) in lines.iter().zip(&reports).zip(answers) {
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        match answer {
            Reported::Settled(item) => {
                settled += 1;
                items.push(item);
                warnings.extend(wrong_clock(&report.result, context.now()).map(|said| (place.clone(), item, said)));
                if let Some(found) = store.item(item)?.filter(|found| found.promise.is_some()) {
                    let said = moved_promise(settings.policies.of(&found.client), &report.result, found.scheduled_at);
                    moved.extend(said.map(|said| (place, found, said)));
                }
            }
            Reported::Same(item) => items.push(item),
            Reported::NoSuch => {
                let message = format!("{place}no {}; nothing was changed", report.target);
                return Err(CommandError::message(ErrorKind::NotFound, message));
            }
            Reported::Refused(item, why) => {
                let told = format!("{place}cannot report {} of item {item}: {why}", report.result.outcome);
                return Err(CommandError::message(ErrorKind::Refused, format!("{told}; nothing was changed"))
                    .with_hint(format!(
                        "`callq show {item}` tells what is known; the report is kept there as a note"
                    )));
            }
        }
    }
    items.sort_unstable();
    items.dedup();
    let mut named = HashSet::new();
    for (place, item, said) in warnings {
        if let Some(item) = store.item(item)?
            && named.insert(item.client)
        {
            context.say(format_args!("{place}item {} ({}): {said}", item.id, item.lead));
        }
    }
    for (place, item, said) in moved {
        context.say(format_args!("{place}item {} ({}): {said}", item.id, item.lead));
    }
    show_items(context, &store, &items)?;
    if !reports.is_empty() || signed.is_none() {
        context.say(format_args!("{settled} settled, {} known before", reports.len() as u64 - settled));
    }
    Ok(())
}

/// A word that is no call is a lead or a phone number.
fn named_target(
    target: &ReportTarget,
    args: &Report,
    store: &Store,
    context: &Context<'_>,
) -> Result<ReportTarget, CommandError> {
    let ReportTarget::Call(text) = target else { return Ok(target.clone()) };
    let name = match text.parse() {
        Ok(IdArgument::Items(_) | IdArgument::Stdin) | Err(_) => return Ok(target.clone()),
        Ok(name) => name,
    };
    if matches!(name, IdArgument::Name(_)) && store.reported_item(target)?.is_some() {
        return Ok(target.clone());
    }
    match ranges(&[(String::new(), name)], &args.client, context, store, Several::One) {
        Ok(found) => Ok(found.first().map_or_else(|| target.clone(), |(item, _)| ReportTarget::Item(*item))),
        // The report itself says that there is no such call.
        Err(error) if error.kind == ErrorKind::NotFound => Ok(target.clone()),
        Err(error) => Err(error),
    }
}

/// Reads the time that a report names on the clock of its client or lead.
fn read_its_time(
    line: Option<u64>,
    report: &mut CallReport,
    store: &Store,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let place = line.map_or_else(|| "--at".to_owned(), |line| format!("standard input, line {line}: retry_at"));
    let refused =
        |fault: String| CommandError::message(ErrorKind::Usage, format!("{place}: {fault}; nothing was changed"));
    if let Some(time) = report.result.written_time.take() {
        // The report itself names an item that does not exist.
        let Some(item) = store.reported_item(&report.target)? else { return Ok(()) };
        let at = read_time(&*context.policy(&item.client)?, &item, &time, context.now());
        report.result.retry_at = Some(at.map_err(refused)?);
    }
    let Some(past) = report.result.promised_at().filter(|at| *at < context.now()) else { return Ok(()) };
    let Some(item) = store.reported_item(&report.target)? else { return Ok(()) };
    let at = context.policy(&item.client)?.hours.zone.format_local(past);
    Err(refused(format!("no call can be promised for a time that has passed, {at}")))
}

/// The results that are reported, each with its line when it comes from standard input.
fn read(args: &Report, context: &Context<'_>) -> Result<Vec<(Option<u64>, CallReport)>, CommandError> {
    if let (Some(target), Some(outcome)) = (&args.target, args.outcome) {
        let time = args.at.as_ref().map(|text| WrittenTime { text: text.clone(), on_leads_clock: false });
        let result = outcome.result(args.reason.clone()).at_written(outcome, time);
        let result = CallResult { call_id: args.call_id.clone(), ..result };
        return Ok(vec![(None, CallReport { target: target.clone(), result, duration_ms: None })]);
    }
    let encoding = encoding(args.encoding.as_deref())?;
    let results = read_results((context.stdin)(), encoding).map_err(|fault| match fault {
        OpenError::Refused { message, hint } => {
            CommandError::message(ErrorKind::Usage, format!("standard input, {message}")).with_hint(hint)
        }
        OpenError::Read(error) => CommandError::new(ErrorKind::Failed, error),
    })?;
    Ok(results.into_iter().map(|(line, report)| (Some(line), report)).collect())
}
