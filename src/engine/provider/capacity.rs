//! How many more calls each account with the provider takes: asked when a run needs to know, and counted down since then.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::dispatch::AccountId;

/// What is known of the accounts in this run.
#[derive(Debug, Default)]
pub(in crate::engine) struct Capacities {
    known: HashMap<AccountId, Known>,
}

#[derive(Debug)]
enum Known {
    /// The question is under way.
    Asked,
    /// How many more calls the provider took at that instant, less those that began since then.
    Left(u32, DateTime<Utc>),
    /// The provider does not say: only the limits of the configuration hold.
    Untold,
}

/// Whether an account takes another call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum ProviderCapacity {
    Available,
    Exhausted,
    /// The provider has to be asked.
    Unknown,
    /// The provider is being asked.
    Pending,
}

impl Capacities {
    /// Whether an account takes another call after `begun` ones that are not counted yet. A full one is worth asking for
    /// again after a while: calls end.
    pub(in crate::engine) fn of(
        &self,
        account: &AccountId,
        begun: u32,
        again_after: TimeDelta,
        now: DateTime<Utc>,
    ) -> ProviderCapacity {
        match self.known.get(account) {
            None => ProviderCapacity::Unknown,
            Some(Known::Asked) => ProviderCapacity::Pending,
            Some(Known::Untold) => ProviderCapacity::Available,
            Some(Known::Left(left, _)) if *left > begun => ProviderCapacity::Available,
            Some(Known::Left(_, asked_at)) if now - *asked_at >= again_after => ProviderCapacity::Unknown,
            Some(Known::Left(..)) => ProviderCapacity::Exhausted,
        }
    }

    /// The provider is being asked about an account.
    pub(in crate::engine) fn ask(&mut self, account: AccountId) {
        self.known.insert(account, Known::Asked);
    }

    /// Takes an answer in; none when the provider does not say.
    pub(in crate::engine) fn learn(&mut self, account: AccountId, free: Option<u32>, now: DateTime<Utc>) {
        self.known.insert(account, free.map_or(Known::Untold, |free| Known::Left(free, now)));
    }

    /// A call of the account has begun.
    pub(in crate::engine) fn begin(&mut self, account: &AccountId) {
        if let Some(Known::Left(left, _)) = self.known.get_mut(account) {
            *left = left.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::Nobody;

    #[test]
    fn an_account_is_asked_about_counted_down_and_asked_about_again() {
        let account = Nobody::account().id();
        let (now, interval) = (DateTime::UNIX_EPOCH, TimeDelta::seconds(10));
        let mut capacities = Capacities::default();
        assert_eq!(capacities.of(&account, 0, interval, now), ProviderCapacity::Unknown);
        capacities.ask(account.clone());
        assert_eq!(capacities.of(&account, 0, interval, now), ProviderCapacity::Pending);
        capacities.learn(account.clone(), Some(2), now);
        assert_eq!(capacities.of(&account, 1, interval, now), ProviderCapacity::Available);
        assert_eq!(capacities.of(&account, 2, interval, now), ProviderCapacity::Exhausted);
        capacities.begin(&account);
        assert_eq!(capacities.of(&account, 1, interval, now), ProviderCapacity::Exhausted);
        assert_eq!(capacities.of(&account, 1, interval, now + interval), ProviderCapacity::Unknown);
        capacities.learn(account.clone(), None, now);
        assert_eq!(capacities.of(&account, 99, interval, now), ProviderCapacity::Available);
    }
}
