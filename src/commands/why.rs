//! `callq why`

use super::sentence::sentence;
use super::targets::no_item;
use super::world::World;
use crate::cli::Why;
use crate::engine::verdict;
use crate::error::CommandError;
use crate::output::view::{GateView, WhyView};
use crate::store::Access;

pub(super) fn run(args: &Why, world: &mut World<'_>) -> Result<(), CommandError> {
    let store = world.store(Access::Read)?;
    let item = store.item(args.id)?.ok_or_else(|| no_item(args.id))?;
    let (policy, now) = (world.policy(&item.client)?, world.now());
    let verdict = verdict(&store, &policy, &item, now)?;
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
