//! Every way in which the exchange with the provider of calls can break: at most one call comes of an attempt, and no lead
//! is lost or charged for what was no try.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use callq::clock::{Clock, ManualClock};
use callq::dispatch::{Call, Dispatcher, Ended, LookUp, Provider as _, ProviderAccount};
use callq::model::{AttemptId, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Fault, Office, Provider};

const CREATE: &str = "create-phone-call";
const LIST: &str = "list-calls";

fn reason(ended: &Ended) -> &str {
    ended.result.reason.as_deref().unwrap_or_default()
}

#[test]
fn a_call_is_placed_by_one_request_that_tells_all() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    office.settings.agent_id = Some("agent_1".to_owned());
    office.settings.agent_version = Some(7);
    let names = [("first_name", "name"), ("age", "age"), ("town", "town"), ("tags", "tags"), ("none", "absent")];
    office.settings.dynamic_variables =
        names.map(|(name, field)| (name.to_owned(), field.to_owned())).into_iter().collect();
    let ended = office.place();
    assert_eq!((ended.result.outcome, ended.result.call_id.as_deref()), (Outcome::Accepted, Some("call_1")));
    assert!(!ended.could_not_start && !ended.counts_for_breaker && ended.client_waits_until.is_none());
    assert!(office.is_marked(ended.attempt));
    assert_eq!(provider.paths(), [CREATE]);
    let attempt = ended.attempt.to_string();
    assert_eq!(
        serde_json::from_str::<Value>(&provider.asked()[0].body).unwrap(),
        json!({
            "from_number": "+12125550000",
            "to_number": "+15557654321",
            "idempotency_key": attempt,
            "metadata": {"attempt_id": attempt, "item_id": 1, "client_id": "acme", "lead_id": "lead-17"},
            "override_agent_id": "agent_1",
            "override_agent_version": 7,
            "retell_llm_dynamic_variables": {"first_name": "Zoë", "age": "41", "tags": "[\"a\"]"},
        })
    );
}

#[test]
fn an_item_without_a_number_is_failed_before_any_request() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    let mut call = office.call();
    call.item.phone = None;
    let ended = office.end_of(call);
    assert_eq!((ended.result.outcome, reason(&ended)), (Outcome::Failed, "no_phone"));
    assert!(!office.is_marked(ended.attempt));
    assert_eq!(provider.paths(), [""; 0]);
}

#[test]
fn each_refusal_has_its_outcome_and_is_not_repeated() {
    let message = r#"{"status": "error", "message": "no"}"#;
    for (status, outcome, told, stops, counts) in [
        (302, Outcome::Unavailable, "the provider answered 302", false, false),
        (307, Outcome::Unavailable, "the provider answered 307", false, false),
        (400, Outcome::Failed, "rejected", false, true),
        (401, Outcome::Unavailable, "the provider refused the key (401)", true, false),
        (402, Outcome::Unavailable, "the provider answered 402", false, false),
        (403, Outcome::Unavailable, "the provider answered 403", false, false),
        (404, Outcome::Unavailable, "the provider answered 404", false, false),
        (409, Outcome::Unavailable, "the provider answered 409", false, false),
        (422, Outcome::Unavailable, "the provider answered 422", false, false),
    ] {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        provider.fault(CREATE, [Fault::Status(status, "location: /v2/elsewhere\r\n", message)]);
        let ended = office.place();
        assert_eq!((ended.result.outcome, reason(&ended)), (outcome, told), "{status}");
        assert_eq!((ended.could_not_start, ended.counts_for_breaker), (stops, counts), "{status}");
        assert_eq!(ended.result.detail, Some(format!("answered {status}: no")));
        assert_eq!(provider.paths(), [CREATE], "{status}");
        assert_eq!(provider.created(), [0; 0]);
    }
}

#[test]
fn a_rate_limit_makes_the_client_wait_as_long_as_it_says() {
    for (headers, seconds) in [
        ("retry-after: 7\r\n", 7),
        ("retry-after-ms: 2000\r\nretry-after: 9\r\n", 2),
        ("", 30),
        ("retry-after: 0\r\n", 30),
        ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 30),
        ("retry-after-ms: 1\r\n", 1),
    ] {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        provider.fault(CREATE, [Fault::Status(429, headers, "")]);
        let ended = office.place();
        let until = Some(Office::START + TimeDelta::seconds(seconds));
        assert_eq!((ended.result.outcome, reason(&ended)), (Outcome::Returned, "rate limited by the provider"));
        assert_eq!((ended.result.retry_at, ended.client_waits_until), (until, until), "{headers}");
        assert_eq!(provider.paths(), [CREATE]);
    }
}

#[test]
fn a_refused_key_is_not_tried_again_and_never_shown() {
    let provider = Provider::start();
    let mut office = Office::with_key(provider.base_url(), "key_that_is_wrong");
    for _ in 0..3 {
        let ended = office.place();
        assert_eq!((ended.result.outcome, ended.could_not_start), (Outcome::Unavailable, true));
        assert!(!format!("{ended:?}").contains("key_that"), "{ended:?}");
    }
    assert_eq!(provider.paths(), [CREATE], "the others end without a request");
    let echo = r#"{"message": "invalid api key key_that_is_wrong"}"#;
    provider.fault(CREATE, [Fault::Status(403, "", echo)]);
    let mut other = Office::with_key(provider.base_url(), "key_that_is_wrong");
    assert_eq!(other.place().result.detail.as_deref(), Some("answered 403: invalid api key [key]"));
}

#[test]
fn without_a_key_nothing_is_sent() {
    let provider = Provider::start();
    let mut office = Office::with_key(provider.base_url(), "");
    let ended = office.place();
    assert_eq!((ended.result.outcome, ended.could_not_start), (Outcome::Unavailable, true));
    assert!(reason(&ended).starts_with("no key: the variable `OUR_KEY` is not set"), "{ended:?}");
    assert!(!office.is_marked(ended.attempt));
    assert_eq!(provider.paths(), [""; 0]);
}

#[test]
fn what_was_surely_not_sent_is_returned_and_counts_for_the_breaker() {
    // A port on which nobody listens any more.
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = Provider::start();
    let no_tls = plain.base_url().replace("http:", "https:");
    for base_url in [format!("http://{refused}"), no_tls] {
        let mut office = Office::new(base_url.clone());
        let ended = office.place();
        assert_eq!((ended.result.outcome, ended.counts_for_breaker), (Outcome::Returned, true), "{base_url}");
        assert!(reason(&ended).starts_with("the provider was not reached: "), "{ended:?}");
        assert_eq!(office.clock.now(), Office::START, "nothing is in doubt, so nobody waits");
    }
    assert_eq!(plain.paths(), [""; 0]);
}

#[test]
fn a_call_that_was_placed_without_an_answer_is_found_and_not_placed_again() {
    for fault in [
        Fault::DropAfter,
        Fault::Truncate,
        Fault::Says("{}"),
        Fault::Says("no JSON"),
        Fault::DoneBut(500),
        Fault::DoneBut(503),
    ] {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        provider.fault(CREATE, [fault.clone()]);
        let ended = office.place();
        assert_eq!(ended.result.outcome, Outcome::Accepted, "{fault:?}");
        assert_eq!(ended.result.call_id.as_deref(), Some("call_1"));
        assert!(ended.result.detail.unwrap().starts_with("looked up after: "));
        assert_eq!(provider.paths(), [CREATE, LIST], "{fault:?}");
        assert_eq!(provider.created(), [1]);
    }
}

#[test]
fn a_request_that_takes_too_long_is_looked_up() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    office.settings.request_timeout = TimeDelta::milliseconds(300);
    provider.fault(CREATE, [Fault::Hang]);
    let ended = office.place();
    assert_eq!(ended.result.outcome, Outcome::Accepted);
    // A provider that has not read the first request when it is looked up is sent it again.
    assert!(ended.result.detail.unwrap().ends_with(" after: no answer in time"));
    assert_eq!(provider.created(), [1]);
}

#[test]
fn a_call_that_the_provider_has_not_is_asked_for_again_with_the_same_request() {
    for fault in [Fault::DropBefore, Fault::Status(500, "", ""), Fault::Status(503, "retry-after: 1\r\n", "busy")] {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        provider.fault(CREATE, [fault.clone(), fault.clone()]);
        let ended = office.place();
        assert_eq!((ended.result.outcome, ended.result.call_id.as_deref()), (Outcome::Accepted, Some("call_1")));
        assert!(ended.result.detail.unwrap().starts_with("sent again after: "));
        assert_eq!(provider.paths(), [CREATE, LIST, CREATE, LIST, CREATE], "{fault:?}");
        let bodies: Vec<String> =
            provider.asked().into_iter().filter(|asked| asked.what.contains(CREATE)).map(|asked| asked.body).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the same request, byte for byte");
        assert_eq!(provider.created(), [1]);
    }
}

#[test]
fn a_request_that_arrives_late_makes_no_second_call() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    office.settings.request_timeout = TimeDelta::milliseconds(300);
    provider.fault(CREATE, [Fault::Late]);
    let ended = office.place();
    assert_eq!(ended.result.outcome, Outcome::Accepted);
    provider.await_created(1);
    assert_eq!(provider.created(), [1], "whichever of the two came first");
}

#[test]
fn a_look_up_without_an_answer_is_asked_again_and_nothing_is_sent_meanwhile() {
    let no_answer = [Fault::DropBefore, Fault::Status(500, "", ""), Fault::Status(429, "", ""), Fault::Says("no list")];
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    provider.fault(CREATE, [Fault::DropBefore]);
    provider.fault(LIST, no_answer);
    let ended = office.place();
    assert_eq!(ended.result.outcome, Outcome::Accepted);
    assert_eq!(provider.paths(), [CREATE, LIST, LIST, LIST, LIST, LIST, CREATE]);
    assert_eq!(provider.created(), [1]);
}

#[test]
fn a_list_that_ignores_the_filter_is_no_answer() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    let strangers = r#"{"items": [{"call_id": "call_9", "metadata": {"attempt_id": "x"}}], "has_more": true}"#;
    provider.fault(CREATE, [Fault::DropBefore]);
    provider.fault(LIST, [Fault::Says(strangers)]);
    let ended = office.place();
    assert_eq!(ended.result.call_id.as_deref(), Some("call_1"));
    assert_eq!(provider.paths(), [CREATE, LIST, LIST, CREATE], "neither found nor not found");
}

#[test]
fn what_stays_in_doubt_is_unknown_after_two_minutes() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    provider.fault(CREATE, [Fault::DropBefore]);
    provider.fault(LIST, vec![Fault::Status(500, "", ""); 6]);
    let ended = office.place();
    assert_eq!(ended.result.outcome, Outcome::Unknown);
    assert_eq!(reason(&ended), "nobody knows whether the provider placed the call");
    assert!(ended.result.detail.unwrap().ends_with("look-up: answered 500"));
    assert_eq!(provider.paths().iter().filter(|path| *path == CREATE).count(), 1);
    assert_eq!(office.clock.now() - Office::START, TimeDelta::seconds(108));
}

#[test]
fn a_refusal_of_the_second_request_does_not_speak_of_the_first() {
    for status in [400, 401, 402, 409, 422, 429, 500] {
        let provider = Provider::start();
        let mut office = Office::new(provider.base_url());
        let mut faults = vec![Fault::Status(status, "", ""); 7];
        faults[0] = Fault::DropBefore;
        provider.fault(CREATE, faults);
        let ended = office.place();
        assert_eq!(ended.result.outcome, Outcome::Unknown, "{status}");
        assert!(ended.result.detail.unwrap().ends_with(&format!("sent again: answered {status}")));
    }
}

/// A clock of a machine that is suspended for 50 minutes whenever somebody waits.
#[derive(Debug)]
struct Suspended(ManualClock);

impl Clock for Suspended {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    fn sleep_until(&self, _: DateTime<Utc>) {
        self.0.advance(TimeDelta::minutes(50));
    }

    fn is_real(&self) -> bool {
        false
    }
}

#[test]
fn nothing_is_sent_again_near_the_end_of_the_providers_hour() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    office.use_clock(Arc::new(Suspended(ManualClock::at(Office::START))));
    provider.fault(CREATE, [Fault::DropBefore]);
    let ended = office.place();
    assert_eq!(ended.result.outcome, Outcome::Unknown);
    assert!(ended.result.detail.unwrap().ends_with("not found, and too late to send it again"));
    assert_eq!(provider.paths(), [CREATE, LIST]);
    assert_eq!(provider.created(), [0; 0]);
}

/// A clock with a fault: it ends the first that asks.
#[derive(Debug)]
struct Faulty(ManualClock, AtomicBool);

impl Clock for Faulty {
    fn now(&self) -> DateTime<Utc> {
        assert!(self.1.swap(true, Ordering::SeqCst), "a fault of ours");
        self.0.now()
    }

    fn sleep_until(&self, instant: DateTime<Utc>) {
        self.0.sleep_until(instant);
    }

    fn is_real(&self) -> bool {
        false
    }
}

#[test]
fn a_fault_of_ours_in_one_call_ends_no_other() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    office.use_clock(Arc::new(Faulty(ManualClock::at(Office::START), AtomicBool::new(false))));
    let ended = office.place();
    assert_eq!((ended.result.outcome, reason(&ended)), (Outcome::Unknown, "internal error in the dispatcher"));
    assert_eq!(office.place().result.outcome, Outcome::Accepted);
    assert_eq!(provider.paths(), [CREATE]);
}

#[test]
fn a_call_that_waited_too_long_for_its_turn_is_not_placed() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    let call = office.call();
    office.clock.advance(TimeDelta::seconds(31));
    let ended = office.end_of(call);
    assert_eq!((ended.result.outcome, reason(&ended)), (Outcome::Returned, "waited too long for its turn"));
    assert!(!office.is_marked(ended.attempt) && provider.paths().is_empty());
}

#[test]
fn many_calls_are_placed_by_few_threads_over_few_connections() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    for _ in 0..100 {
        let call = office.call();
        office.dispatcher.start(call);
    }
    let ends: Vec<Ended> = office.ended.iter().take(100).collect();
    assert!(ends.iter().all(|ended| ended.result.outcome == Outcome::Accepted));
    assert_eq!(provider.created(), [1; 100]);
    let (connections, at_once) = provider.load();
    assert!(connections <= 16 && at_once <= 16, "{connections} connections, {at_once} requests at once");
}

#[test]
fn recovery_looks_up_and_never_places() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    let placed = office.place().attempt;
    let account = ProviderAccount::from(office.settings.clone());
    let look_up = |attempt| office.client.look_up(attempt, &account);
    assert_eq!(look_up(placed), LookUp::Found("call_1".to_owned()));
    assert_eq!(look_up(AttemptId::new(Office::START, [99; 10])), LookUp::NotFound);
    provider.fault(LIST, [Fault::Status(503, "", "")]);
    assert_eq!(look_up(placed), LookUp::NoAnswer("answered 503".to_owned()));
    provider.fault(LIST, [Fault::DropAfter]);
    assert!(matches!(look_up(placed), LookUp::NoAnswer(_)));
    assert_eq!(provider.paths(), [CREATE, LIST, LIST, LIST, LIST]);
    let keyless = Office::with_key(provider.base_url(), "");
    assert!(matches!(keyless.client.look_up(placed, &account), LookUp::NoAnswer(_)));
}

#[test]
fn the_provider_forgets_a_key_after_an_hour() {
    let provider = Provider::start();
    let mut office = Office::new(provider.base_url());
    let attempt = office.place().attempt;
    for (minutes, calls) in [(59, 1), (2, 2)] {
        provider.advance(TimeDelta::minutes(minutes));
        let call = Call { attempt, ..office.call() };
        office.end_of(call);
        assert_eq!(provider.created(), [calls]);
    }
}
