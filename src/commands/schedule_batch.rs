//! `callq schedule-batch`

use std::collections::BTreeMap;

use super::batch_feed::{BatchResult, Job, import};
use super::batch_input::Input;
use super::context::Context;
use super::new_client;
use super::output_file::{OutputPath, Protected};
use super::recalled;
use crate::cli::ScheduleBatch;
use crate::contract::BatchView;
use crate::enqueue::Planner;
use crate::error::CommandError;
use crate::output::with_commas;
use crate::store::{Access, Store};

pub(super) fn run(args: &ScheduleBatch, context: &mut Context<'_>) -> Result<(), CommandError> {
    let client = context.required_client(&args.client)?;
    let (policy, now) = (context.policy(&client)?, context.now());
    // Before anything happens: the database may be what is named.
    let rejects = rejects(args, context)?;
    let flags = Planner::new(&policy, now).read_fields(args.fields())?;
    let job = Job { args, client: &client, policy: &policy, flags, now };
    new_client::note(&client, context.present_store()?.as_ref(), context)?;
    let (view, error) = queue(&job, rejects.as_ref(), context)?;
    let (without_phone, placed, zone_words) = (view.without_phone, view.placed, view.zone_words.clone());
    recalled::count(&view, &policy, context);
    context.show(&BatchView { client_id: Some(client.clone()), ..view })?;
    say_places(placed, &zone_words, context);
    context.warn_without_phone(&policy, &client, without_phone);
    if args.dry_run {
        context.say(format_args!("dry run: nothing was queued"));
    }
    error.map_or(Ok(()), Err)
}

/// Says once what was found of where the leads are.
fn say_places(placed: u64, zone_words: &BTreeMap<String, u64>, context: &mut Context<'_>) {
    match placed {
        0 => {}
        1 => context.say(format_args!("1 lead is called by the zone of its number or region")),
        _ => context
            .say(format_args!("{} leads are called by the zones of their numbers or regions", with_commas(placed))),
    }
    for (note, count) in zone_words {
        let leads = if *count == 1 { "1 lead".to_owned() } else { format!("{} leads", with_commas(*count)) };
        context.say(format_args!("{note}: {leads}"));
    }
}

/// Where bad records go.
fn rejects(args: &ScheduleBatch, context: &Context<'_>) -> Result<Option<OutputPath>, CommandError> {
    let Some(path) = &args.rejects else { return Ok(None) };
    let protected = Protected::of(&*context.settings()?, context)?.and_input(args.file.as_deref());
    OutputPath::check("--rejects", path, &protected).map(Some)
}

fn queue(job: &Job<'_>, rejects: Option<&OutputPath>, context: &Context<'_>) -> Result<BatchResult, CommandError> {
    let mut input = Input::open(job.args, context)?;
    if let Some(mut store) = context.present_store()? {
        return import(job, input, rejects, &mut store, context);
    }
    // A dry run and a list that is refused make no database where there was none.
    let short;
    (input, short) = input.read_ahead()?;
    if job.args.dry_run {
        return import(job, input, rejects, &mut Store::temporary()?, context);
    }
    if let Some(short) = short {
        let (view, error) = import(job, short, None, &mut Store::temporary()?, context)?;
        if error.is_some() || view.scheduled == 0 {
            // Once more with the rejects: a pipe may not get them twice.
            return import(job, input, rejects, &mut Store::temporary()?, context);
        }
    }
    import(job, input, rejects, &mut context.store(Access::Create)?, context)
}
