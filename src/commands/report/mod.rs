//! `callq report`

mod done;
mod results;
mod target;
mod webhook;

use done::Done;
use webhook::Signed;

use super::context::Context;
use super::shown_items::show_items;

use crate::cli::Report;
use crate::dispatch::LeaseFolder;
use crate::engine::{Reporting, with_time};
use crate::error::{CommandError, ErrorKind};
use crate::model::{CallReport, Item, ReportInput, Status};
use crate::store::Access;

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
        None => results::read(args, context)?,
    };
    let (lines, mut reports): (Vec<Option<u64>>, Vec<CallReport>) = reports.into_iter().unzip();
    let settings = context.settings()?;
    let leases = LeaseFolder::open(&context.database_path()?);
    let mut store = context.store(Access::Change)?;
    if let Some(report) = reports.first_mut().filter(|_| args.target.is_some()) {
        report.target = target::named_target(&report.target, args, &store, context)?;
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
        results::read_its_time(*line, report, &store, context)?;
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
    let done = Done::of(&lines, &reports, answers, &store, &settings.policies, context.now())?;
    done.said.iter().for_each(|said| context.say(format_args!("{said}")));
    show_items(context, &store, &done.items)?;
    if !reports.is_empty() || signed.is_none() {
        context.say(format_args!("{} settled, {} known before", done.settled, reports.len() as u64 - done.settled));
    }
    Ok(())
}
