//! `callq why`

use super::open_call::told_of;
use super::sentence::sentence;
use super::targets::no_item;
use super::world::World;
use crate::cli::Why;
use crate::dispatch::LeaseFolder;
use crate::engine::verdict;
use crate::error::CommandError;
use crate::model::Status;
use crate::output::view::{GateView, WhyView};
use crate::store::Access;

pub(super) fn run(args: &Why, world: &mut World<'_>) -> Result<(), CommandError> {
    let store = world.store(Access::Read)?;
    let item = store.item(args.id)?.ok_or_else(|| no_item(args.id))?;
    let (policy, now) = (world.policy(&item.client)?, world.now());
    let mut verdict = verdict(&store, &policy, &item, now)?;
    if item.status == Status::InProgress {
        let leases = LeaseFolder::open(&world.settings()?.database_path(&world.surroundings.locations)?);
        let told = told_of(&store, &leases, item.id)?;
        if let (Some(told), Some(gate)) = (told, verdict.gates.iter_mut().find(|gate| gate.gate == "status")) {
            gate.detail = format!("in_progress: {told}");
        }
    }
    let sentence = sentence(&verdict, &policy, &item, now);
    let gates = verdict.gates.iter().map(|gate| GateView {
        gate: gate.gate.to_owned(),
        open: gate.open,
        detail: Some(gate.detail.clone()),
        until: gate.until,
    });
    world.show(&WhyView {
        id: item.id.get(),
        callable: verdict.is_callable(),
        next_call_at: verdict.next_call_at(),
        gates: gates.collect(),
        sentence,
        client: item.client,
    })
}
