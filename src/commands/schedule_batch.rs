//! `callq schedule-batch`

use std::collections::BTreeMap;
use std::sync::Arc;

use super::batch_clients::Clients;
use super::batch_feed::{BatchResult, import};
use super::batch_input::{Input, OpenInput, Origin};
use super::batch_words::{Reading, say_of_records, says_reading};
use super::context::Context;
use super::new_client;
use super::output_file::{OutputPath, Protected};
use super::recalled;
use crate::cli::ScheduleBatch;
use crate::compliance::CallingCode;
use crate::config::Settings;
use crate::contract::BatchView;
use crate::error::CommandError;
use crate::intake::InputRules;
use crate::model::ClientId;
use crate::output::{counted, with_commas};
use crate::store::{Access, Store};

/// What a batch goes by.
struct Job<'a> {
    args: &'a ScheduleBatch,
    /// The client of all records, unless the records name theirs.
    client: Option<ClientId>,
    origin: Origin,
    settings: Arc<Settings>,
    rejects: Option<OutputPath>,
}

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

/// Says once what was found of where the leads are.
fn say_places(placed: u64, zone_words: &BTreeMap<String, u64>, context: &mut Context<'_>) {
    match placed {
        0 => {}
        1 => context.say(format_args!("1 lead is called by the zone of its number or region")),
        _ => context
            .say(format_args!("{} leads are called by the zones of their numbers or regions", with_commas(placed))),
    }
    for (note, count) in zone_words {
        context.say(format_args!("{note}: {}", counted(*count, "lead")));
    }
}

/// Where bad records go.
fn rejects(args: &ScheduleBatch, origin: &Origin, context: &Context<'_>) -> Result<Option<OutputPath>, CommandError> {
    let Some(path) = &args.rejects else { return Ok(None) };
    let protected = Protected::of(&*context.settings()?, context)?.and_input(origin.path());
    OutputPath::check("--rejects", path, &protected).map(Some)
}

impl Job<'_> {
    fn clients(&self, context: &Context<'_>) -> Clients<'_> {
        Clients::new(self.args, self.client.clone(), &self.settings.policies, context.now())
    }

    /// What is known of the input before it is read.
    fn rules(&self) -> InputRules {
        let policies = &self.settings.policies;
        let policy = self.client.as_ref().map_or_else(|| policies.defaults(), |client| policies.of(client));
        let country_code = CallingCode::of_client(policy);
        InputRules { client_is_known: self.client.is_some(), country_code, ..InputRules::default() }
    }

    fn queue(&self, context: &mut Context<'_>) -> Result<BatchResult, CommandError> {
        let input = Input::open(&self.origin, self.args, self.rules(), context)?;
        if let Some(store) = context.present_store()? {
            return self.import(input, context, |_| Ok(store));
        }
        // A dry run and a list that is refused make no database where there was none.
        let (input, short) = input.read_ahead()?;
        let temporary = |_: &Context<'_>| Ok(Store::temporary()?);
        if self.args.dry_run {
            return self.import(input, context, temporary);
        }
        if let Some(short) = short {
            let (records, _) = self.open(short, context)?;
            let trial = import(self.args, self.clients(context), records, None, &mut Store::temporary()?, context)?;
            if trial.error.is_some() || (trial.view.scheduled == 0 && trial.unwanted.is_empty()) {
                // Once more with the rejects: a pipe may not get them twice.
                return self.import(input, context, temporary);
            }
        }
        self.import(input, context, |context| context.store(Access::Create))
    }

    fn open(&self, input: Input, context: &Context<'_>) -> Result<(OpenInput, Reading), CommandError> {
        let input = input.records()?;
        let reading = Reading::of(&input);
        if !reading.may_name_client() {
            context.required_client(&self.args.client)?;
        }
        Ok((input, reading))
    }

    /// Imports an input into a store, which is opened once the input is known to be one.
    fn import(
        &self,
        input: Input,
        context: &mut Context<'_>,
        store: impl FnOnce(&Context<'_>) -> Result<Store, CommandError>,
    ) -> Result<BatchResult, CommandError> {
        let (input, reading) = self.open(input, context)?;
        if says_reading(&self.origin, context) {
            reading.say(context);
        }
        let mut store = store(context)?;
        let mut done = import(self.args, self.clients(context), input, self.rejects.as_ref(), &mut store, context)?;
        if done.error.is_none() && !self.args.dry_run && !done.unwanted.is_empty() {
            done.view.added_to_dnc = done.unwanted.block(&mut store, context)?;
        }
        let view = if matches!(self.origin, Origin::Arguments(_)) { done.view } else { reading.put_into(done.view) };
        Ok(BatchResult { view, ..done })
    }
}
