//! The contract of providers: they place calls elsewhere, and say later how these ended.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use chrono::{DateTime, TimeDelta, Utc};

use super::call::{Dispatcher, Ended};
use super::start_gate::StartGate;
use crate::model::{AttemptId, CallResult, DispatchSettings, RetellSettings};

/// An account with a provider: where that answers, and where the key is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountId {
    base_url: String,
    key_variable: String,
    key_file: Option<PathBuf>,
}

impl AccountId {
    /// The account that places the calls of a client; none when no provider does.
    pub fn of(settings: &DispatchSettings) -> Option<AccountId> {
        settings.retell.as_ref().map(AccountId::from)
    }
}

impl From<&RetellSettings> for AccountId {
    fn from(settings: &RetellSettings) -> AccountId {
        let RetellSettings { base_url, api_key_env, api_key_file, .. } = settings;
        AccountId { base_url: base_url.clone(), key_variable: api_key_env.clone(), key_file: api_key_file.clone() }
    }
}

/// An account, with all that is needed to use it.
#[derive(Debug, Clone)]
pub struct ProviderAccount {
    settings: Arc<RetellSettings>,
}

impl ProviderAccount {
    /// The account that places the calls of a client; none when no provider does.
    pub fn of(settings: &DispatchSettings) -> Option<ProviderAccount> {
        settings.retell.clone().map(ProviderAccount::from)
    }

    pub fn id(&self) -> AccountId {
        AccountId::from(&*self.settings)
    }

    /// How long to wait before the provider is asked again about an accepted call, or about its capacity.
    pub fn poll_interval(&self) -> TimeDelta {
        self.settings.poll_interval
    }

    pub(super) fn settings(&self) -> &RetellSettings {
        &self.settings
    }
}

impl From<RetellSettings> for ProviderAccount {
    fn from(settings: RetellSettings) -> ProviderAccount {
        ProviderAccount { settings: Arc::new(settings) }
    }
}

/// Why no further request of an account begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outage {
    /// One request is in doubt, and is looked up.
    InDoubt,
    /// One request stayed in doubt, and the provider still does not answer: for the rest of the run. In words.
    Silent(String),
}

/// Whether the provider has a call of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// It has one, of this name.
    Found(String),
    NotFound,
    /// It cannot be known, for this reason.
    NoAnswer(String),
}

/// A call that the provider has accepted and that has no result.
#[derive(Debug, Clone)]
pub struct AcceptedCall {
    pub attempt: AttemptId,
    /// The provider's name for it.
    pub call_id: String,
    /// The account with which it was placed.
    pub account: ProviderAccount,
}

/// How an accepted call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The result of its attempt.
    pub result: CallResult,
    /// How long it took by the provider's account, in milliseconds.
    pub duration_ms: Option<u64>,
}

/// What was found out about accepted calls.
#[derive(Debug, Default)]
pub struct PollRound {
    /// The calls that have ended.
    pub settled: Vec<(AttemptId, Settlement)>,
    /// Calls about which the provider gave no account, and why. They stay accepted.
    pub problems: Vec<(AttemptId, String)>,
    /// The provider asked not to be asked before this instant.
    pub ask_again_at: Option<DateTime<Utc>>,
}

/// What places calls elsewhere. Its copies on several threads know the same.
pub trait Provider: Send + Sync {
    /// Makes what places calls. Each end is sent once on `ended`; before each request that places a call, `gate` is asked.
    fn place(&self, ended: Sender<Ended>, gate: Arc<dyn StartGate>) -> Box<dyn Dispatcher>;

    /// Asks whether the provider has a call of an attempt that a run left behind. Never places one.
    fn look_up(&self, attempt: AttemptId, account: &ProviderAccount) -> LookUp;

    /// Asks for each accepted call how it ended, and waits for the answers.
    fn poll(&self, calls: &[AcceptedCall]) -> PollRound;

    /// Asks how many more calls the account may have in progress now.
    ///
    /// # Errors
    /// The reason why it cannot be known.
    fn capacity(&self, account: &ProviderAccount) -> Result<u32, String>;

    /// Why no further request of an account begins in this run.
    fn outage(&self, account: &AccountId) -> Option<Outage>;

    /// A new run tries every account anew whose provider did not answer in the one before.
    fn begin_run(&self);
}
