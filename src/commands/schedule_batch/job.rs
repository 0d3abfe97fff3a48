//! What a batch goes by, and the stores that it is tried and kept in.

use std::sync::Arc;

use super::clients::Clients;
use super::feed::{BatchResult, import};
use super::input::{Input, OpenInput};
use super::origin::Origin;
use super::reading::{Reading, says_reading};
use crate::cli::ScheduleBatch;
use crate::commands::context::Context;
use crate::commands::output_path::OutputPath;
use crate::compliance::CallingCode;
use crate::config::Settings;
use crate::error::CommandError;
use crate::intake::InputRules;
use crate::model::ClientId;
use crate::store::{Access, Store};

/// What a batch goes by.
pub(super) struct Job<'a> {
    pub(super) args: &'a ScheduleBatch,
    /// The client of all records, unless the records name theirs.
    pub(super) client: Option<ClientId>,
    pub(super) origin: Origin,
    pub(super) settings: Arc<Settings>,
    pub(super) rejects: Option<OutputPath>,
}

impl Job<'_> {
    pub(super) fn clients(&self, context: &Context<'_>) -> Clients<'_> {
        Clients::new(self.args, self.client.clone(), &self.settings.policies, context.now())
    }

    /// What is known of the input before it is read.
    fn rules(&self) -> InputRules {
        let policies = &self.settings.policies;
        let policy = self.client.as_ref().map_or_else(|| policies.defaults(), |client| policies.of(client));
        let country_code = CallingCode::of_client(policy);
        InputRules { client_is_known: self.client.is_some(), country_code, ..InputRules::default() }
    }

    /// Queues the leads of the input.
    pub(super) fn queue(&self, context: &mut Context<'_>) -> Result<BatchResult, CommandError> {
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
