//! Asks the provider how accepted calls have ended, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::call_object::CallObject;
use super::http::{Exchange, Http};
use super::key::{ApiKey, KeyError};
use super::requests::Requests;
use crate::clock::Clock;
use crate::dispatch::provider::{AcceptedCall, PollRound};
use crate::model::RetellSettings;

/// The most requests at once.
const MOST_ASKERS: usize = 8;

/// So many requests in a row without an answer, and the rest of the account's calls is left for the next time: a provider
/// that is down must not hold up a run for a time-out each.
const MOST_UNANSWERED: u32 = 3;

/// One key at one address, and where it stands in this round.
struct KeyInUse {
    base_url: String,
    key: ApiKey,
    standing: Mutex<Standing>,
}

#[derive(Default)]
struct Standing {
    unanswered: u32,
    /// No more requests in this round, for this reason.
    stopped: Option<String>,
}

/// Asks for each call once.
pub(super) fn poll(
    http: &Http,
    clock: &dyn Clock,
    key_of: impl Fn(&RetellSettings) -> Result<ApiKey, KeyError>,
    calls: &[AcceptedCall],
) -> PollRound {
    let (mut found, mut accounts, mut jobs) = (PollRound::default(), Vec::<KeyInUse>::new(), Vec::new());
    for call in calls {
        let settings = call.account.settings();
        match key_of(settings) {
            Ok(key) => jobs.push((call, account_of(&mut accounts, &settings.base_url, key))),
            Err(error) => found.problems.push((call.attempt, error.to_string())),
        }
    }
    let (next, found) = (AtomicUsize::new(0), Mutex::new(found));
    let work = || {
        while let Some((call, account)) = jobs.get(next.fetch_add(1, Ordering::Relaxed))
            && let Some(account) = accounts.get(*account)
        {
            ask(http, clock, call, account, &found);
        }
    };
    thread::scope(|scope| {
        for _ in 1..MOST_ASKERS.min(jobs.len()) {
            // Without a further thread the others do its part.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The position of an account, which is added when it is new.
fn account_of(accounts: &mut Vec<KeyInUse>, base_url: &str, key: ApiKey) -> usize {
    let known = accounts.iter().position(|account| account.key == key && account.base_url == base_url);
    known.unwrap_or_else(|| {
        accounts.push(KeyInUse { base_url: base_url.to_owned(), key, standing: Mutex::default() });
        accounts.len() - 1
    })
}

fn ask(http: &Http, clock: &dyn Clock, call: &AcceptedCall, account: &KeyInUse, found: &Mutex<PollRound>) {
    if let Some(reason) = lock(&account.standing).stopped.clone() {
        lock(found).problems.push((call.attempt, reason));
        return;
    }
    let provider = Requests { http, settings: call.account.settings(), key: &account.key };
    let problem = match provider.call(&call.call_id) {
        Exchange::Answered(answer) => {
            let mut standing = lock(&account.standing);
            standing.unanswered = 0;
            match answer.status {
                200..300 => match answer.body.as_ref().map(|object| (object, foreign(object, call))) {
                    Some((object, None)) => {
                        if object.is_settled(clock.now()) {
                            lock(found).settled.push((call.attempt, object.settlement()));
                        }
                        return;
                    }
                    Some((_, Some(problem))) => problem,
                    None => "the account of the call cannot be read".to_owned(),
                },
                401 | 429 => {
                    let reason = provider.refusal(&answer);
                    standing.stopped = Some(reason.clone());
                    let mut found = lock(found);
                    found.ask_again_at = found.ask_again_at.max(answer.retry_at(clock.now()));
                    reason
                }
                _ => provider.refusal(&answer),
            }
        }
        Exchange::NotSent(reason) | Exchange::Broken(reason) => {
            let mut standing = lock(&account.standing);
            standing.unanswered += 1;
            if standing.unanswered >= MOST_UNANSWERED {
                standing.stopped = Some(format!("the provider does not answer: {reason}"));
            }
            reason
        }
    };
    lock(found).problems.push((call.attempt, problem));
}

/// Why an account is not that of the call that was asked about.
fn foreign(object: &CallObject, call: &AcceptedCall) -> Option<String> {
    if object.call_id != call.call_id {
        return Some(format!("asked for call {}, the provider answered about another", call.call_id));
    }
    let other = !object.may_be_of(call.attempt);
    other.then(|| format!("the provider says that call {} belongs to another attempt", call.call_id))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
