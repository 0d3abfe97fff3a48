//! What stands against placing calls with an account.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dispatch::provider::{AccountId, Outage};

/// The accounts that have an outage, shared by those who place calls and those who claim them.
#[derive(Debug, Default)]
pub(super) struct Outages(Mutex<HashMap<AccountId, Outage>>);

impl Outages {
    /// What stands against an account.
    pub(super) fn of(&self, account: &AccountId) -> Option<Outage> {
        self.lock().get(account).cloned()
    }

    /// A request of an account is in doubt, as long as the guard lives.
    pub(super) fn doubt(&self, account: AccountId) -> Doubt<'_> {
        self.lock().insert(account.clone(), Outage::InDoubt);
        Doubt { outages: self, account }
    }

    /// A new run tries every account anew.
    pub(super) fn forget_silence(&self) {
        self.lock().retain(|_, outage| *outage == Outage::InDoubt);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Outage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is in doubt.
#[derive(Debug)]
pub(super) struct Doubt<'a> {
    outages: &'a Outages,
    account: AccountId,
}

impl Doubt<'_> {
    /// The doubt ends because nothing more can be done; the provider does not answer.
    pub(super) fn becomes_silence(self, reason: String) {
        self.outages.lock().insert(self.account.clone(), Outage::Silent(reason));
    }
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        let mut outages = self.outages.lock();
        if outages.get(&self.account) == Some(&Outage::InDoubt) {
            outages.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_ends_with_its_guard_and_a_silence_with_the_run() {
        let account = AccountId::from(&crate::dispatch::retell::key::tests::settings(None));
        let outages = Outages::default();
        let doubt = outages.doubt(account.clone());
        outages.forget_silence();
        assert_eq!(outages.of(&account), Some(Outage::InDoubt));
        drop(doubt);
        assert_eq!(outages.of(&account), None);
        outages.doubt(account.clone()).becomes_silence("answered 503".into());
        assert_eq!(outages.of(&account), Some(Outage::Silent("answered 503".into())));
        outages.forget_silence();
        assert_eq!(outages.of(&account), None);
    }
}
