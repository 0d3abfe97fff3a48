//! Retell AI as the engine sees it: as one provider.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::client::RetellClient;
use super::dispatcher::RetellDispatcher;
use super::poll::poll;
use crate::dispatch::call::{Dispatcher, Ended};
use crate::dispatch::provider::{AcceptedCall, AccountId, LookUp, Outage, PollRound, Provider, ProviderAccount};
use crate::dispatch::start_gate::StartGate;
use crate::model::AttemptId;

impl Provider for RetellClient {
    fn place(&self, ended: Sender<Ended>, gate: Arc<dyn StartGate>) -> Box<dyn Dispatcher> {
        Box::new(RetellDispatcher::new(ended, self.clone(), gate))
    }

    fn look_up(&self, attempt: AttemptId, account: &ProviderAccount) -> LookUp {
        match self.key(account.settings()) {
            Ok(key) => self.requests(account.settings(), &key).look_up(attempt),
            Err(error) => LookUp::NoAnswer(error.to_string()),
        }
    }

    /// One request for each call, several at a time.
    fn poll(&self, calls: &[AcceptedCall]) -> PollRound {
        poll(&self.http, &*self.clock, |settings| self.key(settings), calls)
    }

    fn capacity(&self, account: &ProviderAccount) -> Result<u32, String> {
        let key = self.key(account.settings()).map_err(|error| error.to_string())?;
        self.requests(account.settings(), &key).free_calls()
    }

    fn outage(&self, account: &AccountId) -> Option<Outage> {
        self.outages.of(account)
    }

    fn begin_run(&self) {
        self.outages.forget_silence();
    }
}
