//! `callq schedule-batch`

use super::batch_feed::{Feed, FeedError, Plan};
use super::batch_input::Input;
use super::input;
use super::new_client;
use super::output_file::{OutputPath, Protected};
use super::world::World;
use crate::cli::ScheduleBatch;
use crate::contract::BatchView;
use crate::error::CommandError;
use crate::model::ClientId;
use crate::output::Progress;
use crate::store::{Access, Import, Imported, Store};

pub(super) fn run(args: &ScheduleBatch, world: &mut World<'_>) -> Result<(), CommandError> {
    let client = world.required_client(&args.client)?;
    let policy = world.policy(&client)?;
    // Before anything happens: the database may be what is named.
    let rejects = rejects(args, world)?;
    let (now, zone) = (world.now(), &policy.hours.zone);
    let at = args.at.as_ref().map(|text| input::time("--at", text, zone, now)).transpose()?;
    let expires = args.expires.as_ref().map(|text| input::time("--expires", text, zone, now)).transpose()?;
    let plan = Plan { args, policy: &policy, now, at: at.unwrap_or(now).max(now), expires };
    new_client::note(&client, world.present_store()?.as_ref(), world)?;
    let (view, error) = queue(&plan, &client, rejects.as_ref(), world)?;
    let without_phone = view.without_phone;
    world.show(&BatchView { client_id: Some(client.clone()), ..view })?;
    world.warn_without_phone(&policy, &client, without_phone);
    if args.dry_run {
        world.say(format_args!("dry run: nothing was queued"));
    }
    error.map_or(Ok(()), Err)
}

/// Where bad records go.
fn rejects(args: &ScheduleBatch, world: &World<'_>) -> Result<Option<OutputPath>, CommandError> {
    let Some(path) = &args.rejects else { return Ok(None) };
    let protected = Protected::of(&*world.settings()?, world)?.and_input(args.file.as_deref());
    OutputPath::check("--rejects", path, &protected).map(Some)
}

/// The report of a batch, and why nothing was queued, if so.
type Outcome = (BatchView, Option<CommandError>);

fn queue(
    plan: &Plan<'_>,
    client: &ClientId,
    rejects: Option<&OutputPath>,
    world: &World<'_>,
) -> Result<Outcome, CommandError> {
    let mut input = Input::open(plan.args, world)?;
    if let Some(mut store) = world.present_store()? {
        return import(plan, client, input, rejects, &mut store, world);
    }
    // A dry run and a list that is refused make no database where there was none.
    let short;
    (input, short) = input.read_ahead()?;
    if plan.args.dry_run {
        return import(plan, client, input, rejects, &mut Store::temporary()?, world);
    }
    if let Some(short) = short {
        let (view, error) = import(plan, client, short, None, &mut Store::temporary()?, world)?;
        if error.is_some() || view.scheduled == 0 {
            // Once more with the rejects: a pipe may not get them twice.
            return import(plan, client, input, rejects, &mut Store::temporary()?, world);
        }
    }
    import(plan, client, input, rejects, &mut world.store(Access::Create)?, world)
}

fn import(
    plan: &Plan<'_>,
    client: &ClientId,
    input: Input,
    rejects: Option<&OutputPath>,
    store: &mut Store,
    world: &World<'_>,
) -> Result<Outcome, CommandError> {
    let show_progress = world.surroundings.stderr_is_terminal && !world.global.quiet;
    let progress = Progress::new(show_progress, input.length);
    let (records, taken) = input.records()?;
    let mut feed = Feed::new(plan, records, taken, progress, rejects)?;
    let (by, dry_run) = (&world.surroundings.actor, plan.args.dry_run);
    let import = Import { client, by, now: plan.now, dry_run };
    let decision = store.import(import, |put| feed.run(put))?;
    if decision == Imported::Keep && !dry_run {
        store.checkpoint();
    }
    feed.finish().map_err(FeedError::into_command_error)
}
