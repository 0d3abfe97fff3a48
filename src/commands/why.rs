//! `callq why`

use super::context::Context;
use super::open_call::told_of;
use super::targets::no_item;
use crate::cli::Why;
use crate::contract::{GateView, WhyView};
use crate::dispatch::LeaseFolder;
use crate::error::CommandError;
use crate::model::Status;
use crate::output::{LocalTime, WhySummary};
use crate::query::why;
use crate::store::Access;

pub(super) fn run(args: &Why, context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Read)?;
    let item = store.item(args.id)?.ok_or_else(|| no_item(args.id))?;
    // Of a client whose configuration is wrong as well: it says so.
    let (policy, now) = (context.settings()?.policies.of(&item.client).clone(), context.now());
    let open_call = if item.status == Status::InProgress {
        let leases = LeaseFolder::open(&context.settings()?.database_path(&context.surroundings.locations)?);
        told_of(&store, &leases, item.id)?
    } else {
        None
    };
    let answer = why(&store, &policy, &item, now)?;
    let zone = &policy.hours.zone;
    let local = |instant| LocalTime { local: zone.local(instant), abbreviation: zone.abbreviation_at(instant) };
    let summary = WhySummary {
        item: &item,
        verdicts: &answer.verdicts,
        next: answer.next,
        slot: answer.slot,
        now,
        open_call: open_call.as_deref(),
        local: &local,
    };
    let gates = answer.verdicts.iter().map(|verdict| GateView {
        gate: verdict.gate.as_str().to_owned(),
        open: verdict.open,
        detail: Some(summary.detail(verdict)),
        until: verdict.until,
    });
    context.show(&WhyView {
        id: item.id.get(),
        callable: answer.is_callable(),
        next_call_at: answer.next_call_at(),
        gates: gates.collect(),
        sentence: summary.sentence(),
        client: item.client.clone(),
    })
}
