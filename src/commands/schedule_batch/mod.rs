//! `callq schedule-batch`

mod answer;
mod clients;
mod counted_reader;
mod dnc;
mod feed;
mod input;
mod job;
mod origin;
mod reading;
mod rejects;
mod report;
mod shared_numbers;
mod words;

use feed::BatchResult;
use job::Job;
use origin::Origin;
use words::{say_of_records, say_places};

use super::context::Context;
use super::output_path::OutputPath;
use super::protected::Protected;
use super::{new_client, recalled};
use crate::cli::ScheduleBatch;
use crate::contract::BatchView;
use crate::error::CommandError;

pub(super) fn run(args: &ScheduleBatch, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = context.client(&args.client)?;
    let origin = Origin::of(args, context)?;
    if matches!(origin, Origin::Arguments(_)) {
        context.required_client(&args.client)?;
    }
    let settings = context.settings()?;
    // Before anything happens: the database may be what is named.
    let rejects = rejects(args, &origin, context)?;
    let job = Job { args, client, origin, settings, rejects };
    if let Some(client) = &job.client {
        context.policy(client)?;
        // A flag that cannot be read is wrong whatever the records are.
        job.clients(context).plan(client)?;
        new_client::note(client, context.present_store()?.as_ref(), context)?;
        if let Origin::Arguments(leads) = &job.origin {
            leads.iter().for_each(|lead| context.warn_of_digits(lead, job.settings.policies.of(client)));
        }
    }
    let BatchResult { view, error, slips, .. } = job.queue(context)?;
    let view = BatchView { client_id: job.client.clone(), ..view };
    let policies = &job.settings.policies;
    recalled::count(
        &view,
        job.client.as_ref().map_or_else(|| policies.defaults(), |client| policies.of(client)),
        context,
    );
    context.show(&view)?;
    for (client, near) in slips {
        context.say(format_args!("{client} is a new client; did you mean `{near}`?"));
    }
    say_places(view.placed, &view.zone_words, context);
    say_of_records(&view, context);
    if let Some(client) = &job.client {
        context.warn_without_phone(job.settings.policies.of(client), client, view.without_phone);
    }
    if args.dry_run {
        context.say(format_args!("dry run: nothing was queued"));
    }
    error.map_or(Ok(()), Err)
}

/// Where bad records go.
fn rejects(args: &ScheduleBatch, origin: &Origin, context: &Context<'_>) -> Result<Option<OutputPath>, CommandError> {
    let Some(path) = &args.rejects else { return Ok(None) };
    let protected = Protected::of(&*context.settings()?, context)?.and_input(origin.path());
    OutputPath::check("--rejects", path, &protected).map(Some)
}
