//! `callq schedule-batch`

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::batch_feed::Feed;
use super::batch_input::Input;
use super::batch_report::BatchReport;
use super::new_client;
use super::output_file::{OutputPath, Protected};
use super::world::World;
use crate::cli::ScheduleBatch;
use crate::enqueue::{Batch, Pace, Planner, RequestedCall};
use crate::error::CommandError;
use crate::model::ClientId;
use crate::output::Progress;
use crate::output::view::BatchView;
use crate::scheduler::Policy;
use crate::store::{Access, Import, Imported, Store};

/// What a batch goes by.
struct Job<'a> {
    args: &'a ScheduleBatch,
    client: &'a ClientId,
    policy: &'a Arc<Policy>,
    /// The flags, read by the policy.
    flags: RequestedCall,
    now: DateTime<Utc>,
}

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

/// The report of a batch, and why nothing was queued, if so.
type Outcome = (BatchView, Option<CommandError>);

fn queue(job: &Job<'_>, rejects: Option<&OutputPath>, world: &World<'_>) -> Result<Outcome, CommandError> {
    let mut input = Input::open(job.args, world)?;
    if let Some(mut store) = world.present_store()? {
        return import(job, input, rejects, &mut store, world);
    }
    // A dry run and a list that is refused make no database where there was none.
    let short;
    (input, short) = input.read_ahead()?;
    if job.args.dry_run {
        return import(job, input, rejects, &mut Store::passing()?, world);
    }
    if let Some(short) = short {
        let (view, error) = import(job, short, None, &mut Store::passing()?, world)?;
        if error.is_some() || view.scheduled == 0 {
            // Once more with the rejects: a pipe may not get them twice.
            return import(job, input, rejects, &mut Store::passing()?, world);
        }
    }
    import(job, input, rejects, &mut world.store(Access::Create)?, world)
}

fn import(
    job: &Job<'_>,
    input: Input,
    rejects: Option<&OutputPath>,
    store: &mut Store,
    world: &World<'_>,
) -> Result<Outcome, CommandError> {
    let Job { args, client, now, .. } = *job;
    let show_progress = world.surroundings.stderr_is_terminal && !world.global.quiet;
    let progress = Progress::new(show_progress, input.length);
    let (records, taken) = input.records()?;
    let records = if rejects.is_some() { records.keep_raw() } else { records };
    let report = BatchReport::new(&records, rejects)?;
    let pace = Pace { size: args.batch_size, interval: args.batch_interval };
    let batch = Batch::new(job.policy, now, &job.flags, pace);
    let mut feed = Feed { args, batch, records, taken, progress, report };
    let import = Import { client, by: &world.surroundings.actor, now, dry_run: args.dry_run };
    let decision = store.import(import, |put| feed.run(put))?;
    if decision == Imported::Keep && !args.dry_run {
        store.shorten_log();
    }
    Ok(feed.finish())
}
