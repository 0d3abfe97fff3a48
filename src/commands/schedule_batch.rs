//! `callq schedule-batch`

use super::batch_feed::{BatchResult, Job, import};
use super::batch_input::Input;
use super::new_client;
use super::output_file::{OutputPath, Protected};
use super::world::World;
use crate::cli::ScheduleBatch;
use crate::contract::BatchView;
use crate::enqueue::Planner;
use crate::error::CommandError;
use crate::store::{Access, Store};

pub(super) fn run(args: &ScheduleBatch, world: &mut World<'_>) -> Result<(), CommandError> {
    let client = world.required_client(&args.client)?;
    let (policy, now) = (world.policy(&client)?, world.now());
    // Before anything happens: the database may be what is named.
    let rejects = rejects(args, world)?;
    let flags = Planner::new(&policy, now).read_fields(args.fields())?;
    let job = Job { args, client: &client, policy: &policy, flags, now };
    new_client::note(&client, world.present_store()?.as_ref(), world)?;
    let (view, error) = queue(&job, rejects.as_ref(), world)?;
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

fn queue(job: &Job<'_>, rejects: Option<&OutputPath>, world: &World<'_>) -> Result<BatchResult, CommandError> {
    let mut input = Input::open(job.args, world)?;
    if let Some(mut store) = world.present_store()? {
        return import(job, input, rejects, &mut store, world);
    }
    // A dry run and a list that is refused make no database where there was none.
    let short;
    (input, short) = input.read_ahead()?;
    if job.args.dry_run {
        return import(job, input, rejects, &mut Store::temporary()?, world);
    }
    if let Some(short) = short {
        let (view, error) = import(job, short, None, &mut Store::temporary()?, world)?;
        if error.is_some() || view.scheduled == 0 {
            // Once more with the rejects: a pipe may not get them twice.
            return import(job, input, rejects, &mut Store::temporary()?, world);
        }
    }
    import(job, input, rejects, &mut world.store(Access::Create)?, world)
}
