//! `callq why`

use super::context::{Context, output_failed};
use super::open_call::told_of;
use super::show::{each_item, of_names};
use super::{status, words};
use crate::cli::Why;
use crate::contract::{BestHoursView, GateView, WhyAllView, WhyView, evidence_json};
use crate::dispatch::LeaseFolder;
use crate::error::CommandError;
use crate::model::{Item, Status};
use crate::output::{LocalTime, WhySummary, of_best_hours};
use crate::query::{promised_by, why};
use crate::store::{Access, Store};

pub(super) fn run(args: &Why, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.ids.is_empty() {
        let store = context.store(Access::Read)?;
        return context.show(&WhyAllView(status::view(&args.client, &store, context)?));
    }
    let names = words::expanded(&args.ids, context)?;
    let store = context.store(Access::Read)?;
    let filter = of_names(&names, &args.client, context, &store)?;
    let mut views = Vec::new();
    each_item(&store, &filter, &mut |item| {
        views.push(answer(item, &store, context)?);
        Ok(true)
    })?;
    match (&args.ids[..], &views[..]) {
        ([id], [only]) if id.is_one_id() => context.show(only),
        _ => context.show_each(|writer| views.iter().try_for_each(|view| writer.write(view).map_err(output_failed))),
    }
}

/// Why one item is not called now.
fn answer(item: &Item, store: &Store, context: &Context<'_>) -> Result<WhyView, CommandError> {
    // Of a client whose configuration is wrong as well: it says so.
    let (policy, now) = (context.settings()?.policies.of(&item.client).clone(), context.now());
    let open_call = if item.status == Status::InProgress {
        let leases = LeaseFolder::open(&context.database_path()?);
        told_of(store, &leases, item.id)?
    } else {
        None
    };
    let answer = why(store, &policy, item, now)?;
    let zone = &policy.hours.zone;
    let local = |instant| LocalTime { local: zone.local(instant), abbreviation: zone.abbreviation_at(instant) };
    let promised = if item.promise.is_some() { Some(promised_by(store, item)?) } else { None };
    let summary = WhySummary {
        item,
        verdicts: &answer.verdicts,
        next: answer.next,
        slot: answer.slot,
        now,
        promised: promised.as_deref(),
        open_call: open_call.as_deref(),
        local: &local,
    };
    let gates = answer.verdicts.iter().map(|verdict| GateView {
        gate: verdict.gate.as_str().to_owned(),
        open: verdict.open,
        detail: Some(summary.detail(verdict)),
        until: verdict.until,
        evidence: evidence_json(&verdict.evidence),
    });
    Ok(WhyView {
        id: item.id.get(),
        callable: answer.is_callable(),
        next_call_at: answer.next_call_at(),
        gates: gates.chain(answer.best_hours(now).map(best_hours)).collect(),
        sentence: summary.sentence(),
        client: item.client.clone(),
    })
}

/// What the hour adds to the place of the item in the order. It closes nothing.
fn best_hours(view: BestHoursView) -> GateView {
    let detail = Some(of_best_hours(&view));
    let evidence = serde_json::to_value(view).unwrap_or_default();
    GateView { gate: "best_hours".to_owned(), open: true, detail, until: None, evidence }
}
