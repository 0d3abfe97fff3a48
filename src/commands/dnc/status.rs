//! `callq dnc status`

use crate::commands::context::Context;
use crate::contract::{List, RegistryView};
use crate::error::CommandError;
use crate::query::RegistryAges;
use crate::store::Access;

pub(super) fn run(context: &mut Context<'_>) -> Result<(), CommandError> {
    let store = context.store(Access::Read)?;
    let ages = RegistryAges::of(&store, &context.settings()?.policies, context.now())?;
    let copies = store.registries()?;
    if copies.is_empty() {
        context.say(format_args!("no registry has a copy: callq dnc import NAME -f FILE --as-of DATE"));
    }
    let rows = copies.iter().map(|copy| RegistryView::new(copy, ages.most_days(&copy.name), ages.today())).collect();
    context.show_timeless(&List { rows })
}
