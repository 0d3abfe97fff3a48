//! Requests whose gate closes, and an outage of the provider: on a clock that stands still, so that nobody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use callq::clock::Clock;
use callq::dispatch::{AccountId, AlwaysOpen, Call, Closed, Dispatcher, Ended, Provider as _, StartAnswer, StartGate};
use callq::model::{AttemptId, ItemId, Outcome};
use chrono::TimeDelta;

use crate::support::{Fault, Office, Provider};

const CREATE: &str = "create-phone-call";
const LIST: &str = "list-calls";

fn reason(ended: &Ended) -> &str {
    ended.result.reason.as_deref().unwrap_or_default()
}

/// A gate that is open this number of times.
struct Closing(AtomicUsize);

impl StartGate for Closing {
    fn ask(&self, attempt: AttemptId, item: ItemId) -> StartAnswer {
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => AlwaysOpen.ask(attempt, item),
            Err(_) => StartAnswer::Closed(Closed { reason: "paused", detail: "paused by ann".to_owned() }),
        }
    }
}

#[test]
fn a_gate_that_closes_before_the_first_byte_leaves_nothing_sent() {
    // It is asked before a connection is made, and before the first byte on it.
    for open in [0, 1] {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        office.use_gate(Arc::new(Closing(AtomicUsize::new(open))));
        let ended = office.place();
        assert_eq!((ended.result.outcome, reason(&ended)), (Outcome::Returned, "paused"));
        assert_eq!(ended.result.detail.as_deref(), Some("paused by ann"));
        assert!(ended.not_begun && !ended.counts_for_breaker);
        assert_eq!((office.is_marked(ended.attempt), provider.paths().len()), (open == 1, 0));
    }
}

#[test]
fn a_gate_that_closes_leaves_a_request_in_doubt_to_look_ups_until_the_end() {
    for (repeats, open) in [(0, 2), (1, 3)] {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        office.use_gate(Arc::new(Closing(AtomicUsize::new(open))));
        provider.fault(CREATE, vec![Fault::Status(503, "", ""); 9]);
        let ended = office.place();
        assert_eq!(ended.result.outcome, Outcome::Unknown);
        assert!(ended.result.detail.unwrap().ends_with("look-up: not found, and not sent again: paused by ann"));
        let paths = provider.paths();
        let count = |wanted| paths.iter().filter(|path| *path == wanted).count();
        assert_eq!((count(CREATE), count(LIST)), (1 + repeats, 6));
        assert!(ended.counts_for_breaker && !ended.could_not_start, "the provider answers: nothing says it is down");
        assert_eq!(office.clock.now() - Office::START, TimeDelta::seconds(108));
    }
}

#[test]
fn an_outage_leaves_one_request_in_doubt_and_gives_every_other_call_back() {
    let silences: [fn() -> Fault; 3] = [|| Fault::Status(503, "", ""), || Fault::DropBefore, || Fault::DropAfter];
    for (silence, list) in silences.into_iter().flat_map(|silence| [(silence, false), (silence, true)]) {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        provider.fault(CREATE, vec![silence(); 99]);
        if list || matches!(silence(), Fault::DropAfter) {
            provider.fault(LIST, vec![Fault::Status(502, "", ""); 99]);
        }
        let calls: Vec<Call> = (0..5).map(|_| office.call()).collect();
        let first = calls[0].attempt;
        // All were claimed at once: their wait is no longer than the clock says.
        let started_at = Office::START + TimeDelta::minutes(5);
        calls.into_iter().for_each(|call| office.dispatcher.start(Call { started_at, ..call }));
        let ends: Vec<Ended> = office.ended.iter().take(5).collect();
        assert_eq!((ends[0].attempt, ends[0].result.outcome), (first, Outcome::Unknown));
        for ended in &ends[1..] {
            assert_eq!(ended.result.outcome, Outcome::Returned);
            assert!(reason(ended).starts_with("the provider does not answer: "), "{ended:?}");
            assert!(!office.is_marked(ended.attempt));
        }
        assert!(ends.iter().all(|ended| ended.could_not_start && ended.counts_for_breaker));
        let bodies = provider.asked().into_iter().filter(|asked| asked.what.contains(CREATE));
        assert!(bodies.into_iter().all(|asked| asked.body.contains(&first.to_string())), "one attempt is asked for");
        assert!(office.client.outage(&AccountId::from(&office.settings)).is_some());
        office.client.begin_run();
        assert_eq!(office.client.outage(&AccountId::from(&office.settings)), None);
    }
}
