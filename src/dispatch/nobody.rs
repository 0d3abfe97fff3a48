//! A provider that nobody reaches, for tests.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::call::{Call, Dispatcher, Ended};
use super::provider::{AcceptedCall, AccountId, LookUp, Outage, PollRound, Provider, ProviderAccount};
use super::start_gate::StartGate;
use crate::model::{AttemptId, CallResult, Outcome, RetellSettings};

/// Has no call, places none, and never answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nobody;

impl Nobody {
    /// An account that is asked every ten seconds.
    pub(crate) fn account() -> ProviderAccount {
        ProviderAccount::from(RetellSettings {
            base_url: "http://127.0.0.1:9".to_owned(),
            from_number: "+12125550000".parse().unwrap(),
            api_key_env: "NO_SUCH_KEY".to_owned(),
            api_key_file: None,
            agent_id: None,
            agent_version: None,
            dynamic_variables: [].into(),
            request_timeout: chrono::TimeDelta::seconds(1),
            poll_interval: chrono::TimeDelta::seconds(10),
        })
    }
}

struct PlacesNothing(Sender<Ended>);

impl Dispatcher for PlacesNothing {
    fn start(&mut self, call: Call) {
        drop(self.0.send(Ended::of(call, CallResult::of(Outcome::Unavailable))));
    }
}

impl Provider for Nobody {
    fn place(&self, ended: Sender<Ended>, _: Arc<dyn StartGate>) -> Box<dyn Dispatcher> {
        Box::new(PlacesNothing(ended))
    }

    fn look_up(&self, _: AttemptId, _: &ProviderAccount) -> LookUp {
        LookUp::NoAnswer("nobody answers".to_owned())
    }

    fn poll(&self, _: &[AcceptedCall]) -> PollRound {
        PollRound::default()
    }

    fn capacity(&self, _: &ProviderAccount) -> Result<u32, String> {
        Err("nobody answers".to_owned())
    }

    fn outage(&self, _: &AccountId) -> Option<Outage> {
        None
    }

    fn begin_run(&self) {}
}
