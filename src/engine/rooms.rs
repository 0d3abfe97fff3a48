//! How many more calls each account with the provider takes: asked when a run needs to know, and counted down since then.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

pub(super) use crate::dispatch::Account;

/// What is known of the accounts in this run.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    known: HashMap<Account, Known>,
}

#[derive(Debug)]
enum Known {
    /// The question is under way.
    Asked,
    /// The provider took so many more calls at that instant, less those that were begun since then.
    Left(u32, DateTime<Utc>),
    /// The provider does not say: only the limits of the configuration hold.
    Untold,
}

/// Whether an account takes another call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// It does.
    Free,
    /// It does not.
    Full,
    /// The provider has to be asked.
    Unknown,
    /// The provider is being asked.
    Asked,
}

impl Rooms {
    /// Whether an account takes another call after `begun` ones that are not counted yet. A full one is worth asking for
    /// again after a while: calls end.
    pub(super) fn room(&self, account: &Account, begun: u32, again_after: TimeDelta, now: DateTime<Utc>) -> Room {
        match self.known.get(account) {
            None => Room::Unknown,
            Some(Known::Asked) => Room::Asked,
            Some(Known::Untold) => Room::Free,
            Some(Known::Left(left, _)) if *left > begun => Room::Free,
            Some(Known::Left(_, asked_at)) if now - *asked_at >= again_after => Room::Unknown,
            Some(Known::Left(..)) => Room::Full,
        }
    }

    /// The provider is being asked about an account.
    pub(super) fn ask(&mut self, account: Account) {
        self.known.insert(account, Known::Asked);
    }

    /// Takes an answer in; none when the provider does not say.
    pub(super) fn learn(&mut self, account: Account, free: Option<u32>, now: DateTime<Utc>) {
        self.known.insert(account, free.map_or(Known::Untold, |free| Known::Left(free, now)));
    }

    /// A call of the account has begun.
    pub(super) fn begin(&mut self, account: &Account) {
        if let Some(Known::Left(left, _)) = self.known.get_mut(account) {
            *left = left.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RetellSettings;

    #[test]
    fn an_account_is_asked_about_counted_down_and_asked_about_again() {
        let account = Account::of(&RetellSettings {
            base_url: "u".to_owned(),
            from_number: "+15550000000".parse().unwrap(),
            api_key_env: "K".to_owned(),
            api_key_file: None,
            agent_id: None,
            agent_version: None,
            dynamic_variables: [].into(),
            request_timeout: TimeDelta::seconds(30),
            poll_interval: TimeDelta::seconds(10),
        });
        let (now, interval) = (DateTime::UNIX_EPOCH, TimeDelta::seconds(10));
        let mut rooms = Rooms::default();
        assert_eq!(rooms.room(&account, 0, interval, now), Room::Unknown);
        rooms.ask(account.clone());
        assert_eq!(rooms.room(&account, 0, interval, now), Room::Asked);
        rooms.learn(account.clone(), Some(2), now);
        assert_eq!(rooms.room(&account, 1, interval, now), Room::Free);
        assert_eq!(rooms.room(&account, 2, interval, now), Room::Full);
        rooms.begin(&account);
        assert_eq!(rooms.room(&account, 1, interval, now), Room::Full);
        assert_eq!(rooms.room(&account, 1, interval, now + interval), Room::Unknown);
        rooms.learn(account.clone(), None, now);
        assert_eq!(rooms.room(&account, 99, interval, now), Room::Free);
    }
}
