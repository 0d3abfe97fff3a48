//! `callq reschedule`: moves waiting items to the slots that the hours of today give; and who says that there are some.

use super::context::Context;
use crate::cli::Reschedule;
use crate::config::Settings;
use crate::contract::CountView;
use crate::error::CommandError;
use crate::model::{ClientId, Event, Format, Item, Status};
use crate::output::{counted, with_commas};
use crate::query::{Sooner, SoonerItems};
use crate::store::{Access, Decision, Edit, Edited, Obstacles, Store, StoreResult, Targets};

/// Items that are moved in one transaction, so that the write lock is held briefly.
const AT_ONCE: usize = 200;

/// More items than these are not counted for a warning.
const ENOUGH: usize = 1_000;

pub(super) fn run(args: &Reschedule, context: &mut Context<'_>) -> Result<(), CommandError> {
    let mut store = context.store(if args.dry_run { Access::Read } else { Access::Change })?;
    let client = context.known_client(&args.client, Some(&store))?;
    let (settings, now) = (context.settings()?, context.now());
    let actor = context.actor().clone();
    let edit = Edit { by: &actor, at: now, reason: Some("the hours changed") };
    let mut sooner = SoonerItems::new(&settings.policies, client.as_ref(), now);
    let mut count = 0;
    while let Some(page) = sooner.next_page(&store)? {
        if args.dry_run {
            count += page.len() as u64;
            continue;
        }
        for part in page.chunks(AT_ONCE) {
            count += moved(&mut store, part, &edit)?;
        }
    }
    if context.format() == Format::Table {
        let items = counted(count, "item");
        let done = match (args.dry_run, count) {
            (true, _) => "would be called sooner",
            (false, 1) => "is called sooner now",
            (false, _) => "are called sooner now",
        };
        context.say(format_args!("{items} {done}"));
        return Ok(());
    }
    context.show_timeless(&CountView { count })
}

/// Moves items, unless somebody changed them meanwhile; gives back how many.
fn moved(store: &mut Store, part: &[Sooner], edit: &Edit<'_>) -> StoreResult<u64> {
    let targets = Targets::Ids(part.iter().map(|sooner| (sooner.item.id, sooner.item.id)).collect());
    let decide = |item: &Item, _: Obstacles| -> Decision<()> {
        let found = part.iter().find(|sooner| sooner.item.id == item.id && sooner.item.updated_at == item.updated_at);
        let Some(Sooner { slot, .. }) = found else { return Decision::LeaveOut(()) };
        let wanted = if *slot > edit.at { Status::Scheduled } else { Status::Pending };
        match item.status.after(Event::Edited(wanted)) {
            Ok(status) => {
                let asked_at = item.asked_at.filter(|asked| asked != slot);
                Decision::Write(Box::new(Item { status, scheduled_at: *slot, asked_at, ..item.clone() }))
            }
            Err(_) => Decision::LeaveOut(()),
        }
    };
    Ok(match store.edit(&targets, edit, decide)? {
        Edited::Done { changed, .. } => changed.len() as u64,
        Edited::Aborted(..) | Edited::NoItem(_) => 0,
    })
}

/// What to say when items of a client, or of any, wait for longer than the hours of today ask for.
pub(super) fn later_slots(
    store: &Store,
    settings: &Settings,
    client: Option<&ClientId>,
    context: &Context<'_>,
) -> StoreResult<Option<String>> {
    let count = SoonerItems::new(&settings.policies, client, context.now()).count(store, ENOUGH)?;
    let items = match count {
        0 => return Ok(None),
        1 => "1 waiting item has a later slot".to_owned(),
        count if count > ENOUGH => format!("more than {} waiting items have later slots", with_commas(ENOUGH as u64)),
        count => format!("{count} waiting items have later slots"),
    };
    let of_client = client.map(|client| format!(" -c {client}")).unwrap_or_default();
    Ok(Some(format!("{items} than today's hours give: callq reschedule{of_client}")))
}
