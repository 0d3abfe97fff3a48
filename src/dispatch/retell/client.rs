//! The provider as the engine asks it, apart from placing calls.

use std::fmt;
use std::sync::Arc;

use super::account::{Account, Outage, Outages};
use super::http::Http;
use super::key::{ApiKey, KeyError, Variables};
use super::poll::{AcceptedCall, PollRound, poll};
use super::provider::{LookUp, Provider};
use crate::clock::Clock;
use crate::model::{AttemptId, RetellSettings};

/// The connections to the provider, and what is needed to use them. Copies share the connections.
#[derive(Clone)]
pub struct RetellClient {
    pub(super) http: Arc<Http>,
    pub(super) clock: Arc<dyn Clock>,
    variables: Arc<Variables>,
    pub(super) outages: Arc<Outages>,
}

impl RetellClient {
    /// A client that reads keys from `variables` or from files. Nothing is opened or read yet.
    pub fn new(clock: Arc<dyn Clock>, variables: Arc<Variables>) -> RetellClient {
        RetellClient { http: Arc::new(Http::new(&*variables)), clock, variables, outages: Arc::default() }
    }

    /// The key that the settings name.
    ///
    /// # Errors
    /// When there is none.
    pub fn key(&self, settings: &RetellSettings) -> Result<ApiKey, KeyError> {
        ApiKey::read(settings, &*self.variables)
    }

    /// Why nothing can be sent with the settings: the environment names a proxy that cannot be used.
    pub fn unusable_proxy(&self, settings: &RetellSettings) -> Option<String> {
        self.http.unusable_proxy(&settings.base_url)
    }

    /// Asks whether the provider has a call of an attempt that a run left behind. Never places one.
    pub fn look_up(&self, attempt: AttemptId, settings: &RetellSettings) -> LookUp {
        match self.key(settings) {
            Ok(key) => self.provider(settings, &key).look_up(attempt),
            Err(error) => LookUp::NoAnswer(error.to_string()),
        }
    }

    /// Asks for each accepted call how it ended, with one request each and several at a time, and waits for the answers.
    pub fn poll(&self, calls: &[AcceptedCall]) -> PollRound {
        poll(&self.http, &*self.clock, |settings| self.key(settings), calls)
    }

    /// Asks how many more calls the account may have in progress now.
    ///
    /// # Errors
    /// The reason why it cannot be known.
    pub fn free_calls(&self, settings: &RetellSettings) -> Result<u32, String> {
        let key = self.key(settings).map_err(|error| error.to_string())?;
        self.provider(settings, &key).free_calls()
    }

    /// Why no further request of an account begins in this run.
    pub fn outage(&self, account: &Account) -> Option<Outage> {
        self.outages.of(account)
    }

    /// A new run tries anew every account whose provider did not answer in the one before.
    pub fn begin_run(&self) {
        self.outages.forget_silence();
    }

    pub(super) fn provider<'a>(&'a self, settings: &'a RetellSettings, key: &'a ApiKey) -> Provider<'a> {
        Provider { http: &self.http, settings, key }
    }
}

impl fmt::Debug for RetellClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetellClient").finish_non_exhaustive()
    }
}
