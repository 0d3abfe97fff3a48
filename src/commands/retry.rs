//! `callq retry`

use super::change::{Verb, Verdict, change};
use super::input;
use super::targets::Meaning;
use super::world::World;
use crate::cli::Retry;
use crate::dispatch::LeaseFolder;
use crate::engine::clear_leases;
use crate::error::CommandError;
use crate::gates::lead_zones;
use crate::model::{Event, Item, ItemId, Status};
use crate::scheduler::PolicyBook;
use crate::store::Access;

pub(super) fn run(args: &Retry, world: &mut World<'_>) -> Result<(), CommandError> {
    let meaning = Meaning {
        ids: &args.ids,
        client: &args.client,
        filter: &args.filter,
        priorities: &args.priority.priority,
        reason: args.reason.reason.as_ref(),
        all: args.consent.all,
    };
    let verb = Verb { name: "retry", done: "sent again", reason: None };
    let (settings, now) = (world.settings()?, world.now());
    change(world, &meaning, args.consent, &verb, |item, rival| decide(item, rival, &settings.policies, now))?;
    // The lease of a call that the database forgot stays until a person has settled it. A later run clears it too.
    let path = settings.database_path(&world.surroundings.locations)?;
    let _ = clear_leases(&world.store(Access::Change)?, &LeaseFolder::open(&path));
    Ok(())
}

fn decide(item: &Item, rival: Option<ItemId>, policies: &PolicyBook, now: chrono::DateTime<chrono::Utc>) -> Verdict {
    if let Some(rival) = rival {
        return Verdict::Refused(format!("item {rival} of the same lead is live or held"));
    }
    if let Err(refusal) = item.status.after(Event::SentAgain(Status::Pending)) {
        return Verdict::Refused(refusal.to_string());
    }
    if item.has_expired_at(now) {
        return Verdict::Refused("it has expired: `callq add` queues the lead anew".to_owned());
    }
    let slot = lead_zones(&item.zones)
        .map_err(|error| error.to_string())
        .and_then(|zones| input::slot(policies.of(&item.client), &zones, item.priority, now, now));
    match slot {
        Ok((scheduled_at, _)) if item.has_expired_at(scheduled_at) => {
            Verdict::Refused("it would expire before it can be called: `callq add` queues the lead anew".to_owned())
        }
        Ok((scheduled_at, status)) => Verdict::Becomes(Box::new(Item {
            status,
            held: false,
            scheduled_at,
            not_before: None,
            // At least one more attempt: the tries so far are the retries that were used, and one.
            max_retries: item.max_retries.max(item.tries),
            ..item.clone()
        })),
        Err(message) => Verdict::Refused(message),
    }
}
