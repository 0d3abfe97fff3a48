//! The fields of every view, listed by hand: this is the contract that scripts rely on.

use serde::Serialize;

use super::*;
use crate::contract::sample::{self, at};
use crate::model::{Attempt, AttemptId, Change, Outcome, Priority, Reached, RunId, Status};

/// The names of an object's fields, in their order.
fn fields(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    names(&value)
}

/// The names at a path such as `clients.0`.
fn fields_at(value: &impl Serialize, path: &str) -> String {
    let value = serde_json::to_value(value).unwrap();
    names(value.pointer(path).unwrap())
}

fn names(value: &serde_json::Value) -> String {
    value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
}

const ITEM: &str = "id key client_id lead_id priority status held scheduled_at next_call_at blocked_by expires_at retry_count \
                    max_retries attempts phone timezones region zones regions evidence metadata last_reason created_at \
                    created_by updated_at callback";

#[test]
fn an_item_is_byte_for_byte_this() {
    let item = sample::item(1);
    let text =
        serde_json::to_string(&ItemView::new(&item, Some(at("2026-11-23T14:30:00Z")), at("2026-11-22T12:00:00Z")))
            .unwrap();
    assert_eq!(text, sample::ITEM_JSON);
    let bare = sample::bare_item(2);
    let text =
        serde_json::to_string(&ItemView::new(&bare, Some(at("2026-11-23T14:30:00Z")), at("2026-11-22T12:00:00Z")))
            .unwrap();
    assert_eq!(text, sample::BARE_ITEM_JSON);
}

#[test]
fn an_item_whole_is_the_item_its_history_and_its_changes() {
    let item = sample::item(1);
    let started = at("2026-11-22T10:30:00Z");
    let attempt = Attempt {
        id: AttemptId::new(started, [7; 10]),
        number: 1,
        started_at: started,
        finished_at: None,
        outcome: Some(Outcome::Retry),
        reason: Some("no_answer".into()),
        reached: Some(Reached::Line),
        purpose: None,
        voice: None,
        consent: None,
        call_id: None,
        duration_ms: Some(30_000),
        detail: None,
        metadata: None,
        run: RunId::new(started, [8; 10]),
    };
    let change = Change {
        at: started,
        by: "ops".into(),
        what: "priority".into(),
        from: Some("low".into()),
        to: Some("high".into()),
        reason: None,
    };
    let (history, changes) = ([attempt], [change]);
    let view = ItemDetailView::new(&item, None, &history, &changes, at("2026-11-22T12:00:00Z"));
    assert_eq!(fields(&view), format!("{ITEM} history changes"));
    let history = "id number started_at finished_at outcome reason reached purpose voice consent call_id duration_ms detail run_id metadata";
    assert_eq!(fields_at(&view, "/history/0"), history);
    assert_eq!(fields_at(&view, "/changes/0"), "at by what from to reason");
    let text = serde_json::to_string(&view).unwrap();
    assert!(text.contains(r#""metadata":{"name": "Zoë"},"#), "raw also inside: {text}");
    assert!(
        text.contains(r#""outcome":"retry","reason":"no_answer","reached":"line","purpose":null,"voice":null,"consent":null,"call_id":null,"duration_ms":30000,"#),
        "{text}"
    );
    assert_eq!(
        fields(&AddedView {
            item: ItemView::new(&item, None, at("2026-11-22T12:00:00Z")),
            existing: true,
            recalled: None
        }),
        format!("{ITEM} existing recalled")
    );
    let pruned = PrunedView { id: 7, key: "k", client_id: "acme", lead_id: "a" };
    assert_eq!(
        fields(&pruned),
        format!("{ITEM} existing recalled"),
        "the key of a pruned item answers in the same shape"
    );
}

#[test]
fn a_run_reports_this() {
    let counts = "processed successful failed retried accepted held returned";
    let view = ProcessView {
        run_id: String::new(),
        counts: Counts::default(),
        stopped_by: "drained".into(),
        duration_ms: 5,
        next_call_at: None,
        clients: vec![ClientCounts { client_id: "acme".parse().unwrap(), counts: Counts::default(), blocked_by: None }],
        errors: vec![CallError { id: 1, lead_id: "a".into(), reason: None }],
        simulated: false,
        recovered: 1,
        settled: 0,
        held_items: 2,
        not_recorded: 0,
        failed_uncalled: [("no_consent", 1)].into(),
    };
    assert_eq!(
        fields(&view),
        format!(
            "run_id {counts} stopped_by duration_ms next_call_at clients errors simulated recovered settled held_items \
             not_recorded failed_uncalled"
        )
    );
    assert_eq!(fields_at(&view, "/clients/0"), format!("client_id {counts} blocked_by"));
    assert_eq!(fields_at(&view, "/errors/0"), "id lead_id reason");
}

#[test]
fn a_batch_a_prune_and_an_error_report_this() {
    let error = BatchError { line: 3, lead_id: None, field: None, message: String::new() };
    let view = BatchView { errors: vec![error], ..BatchView::default() };
    assert_eq!(
        fields(&view),
        "scheduled skipped skipped_finished skipped_cancelled invalid first_id last_id groups first_call_at last_call_at \
         errors input columns duplicates more_duplicates said_no added_to_dnc not_waiting without_phone phone_leads shared_numbers"
    );
    assert_eq!(fields_at(&view, "/errors/0"), "line lead_id field message");
    assert_eq!(
        fields(&PruneView { items: 1, attempts: 2, kept: 0, dry_run: true, interrupted: false }),
        "items attempts kept dry_run interrupted"
    );
    let body = ErrorBody { kind: "not_found", message: "no item 42".into(), hint: None };
    assert_eq!(
        serde_json::to_string(&ErrorView { error: body }).unwrap(),
        r#"{"error":{"kind":"not_found","message":"no item 42","hint":null}}"#
    );
}

#[test]
fn rules_report_this() {
    let hours = HoursView {
        client_id: None,
        timezone: "America/New_York".into(),
        lead_timezones: vec!["Asia/Tokyo".parse().unwrap()],
        priority: Priority::Urgent,
        from: at("2026-11-22T00:00:00Z"),
        to: at("2026-11-29T00:00:00Z"),
        windows: vec![WindowView { start: at("2026-11-23T14:00:00Z"), end: at("2026-11-23T22:00:00Z") }],
        holidays: vec![HolidayView::new(at("2026-11-26T00:00:00Z").date_naive(), None, None)],
        next_call_at: None,
    };
    assert_eq!(fields(&hours), "client_id timezone lead_timezones priority from to windows next_call_at holidays");
    assert_eq!(fields_at(&hours, "/holidays/0"), "date weekday name file");
    assert_eq!(fields_at(&hours, "/windows/0"), "start end");
    let gate =
        GateView { gate: "window".into(), open: false, detail: None, until: None, evidence: serde_json::json!({}) };
    let why = WhyView {
        id: 1,
        callable: false,
        next_call_at: None,
        gates: vec![gate],
        sentence: String::new(),
        client: "acme".parse().unwrap(),
    };
    assert_eq!(fields(&why), "id callable next_call_at gates");
    assert_eq!(fields_at(&why, "/gates/0"), "gate open detail until evidence");
    let (meta, none) = (Vec::new(), None);
    let pause =
        PauseView { client_id: None, paused_at: none, until: none, by: None, reason: None, lifted_at: none, meta };
    assert_eq!(fields(&pause), "client_id paused_at until by reason lifted_at meta");
    let row = ConfigRow { key: "aging".into(), value: 10.0.into(), source: "built-in".into(), text: None };
    assert_eq!(
        serde_json::to_string(&List { rows: vec![row] }).unwrap(),
        r#"[{"key":"aging","value":10.0,"source":"built-in"}]"#
    );
    assert_eq!(fields(&PathView { path: "/etc/callq.toml".into(), exists: true }), "path exists");
}

#[test]
fn statistics_report_this() {
    let view = StatsView {
        client_id: None,
        since: None,
        until: at("2026-11-22T12:00:00Z"),
        total_items: 3,
        by_status: Status::ALL.map(|status| (status, 1)).to_vec(),
        by_priority: Priority::ALL.map(|priority| (priority, 1)).to_vec(),
        due_now: 0,
        waiting_for_hours: 0,
        oldest_due_seconds: None,
        in_progress: 0,
        held: 0,
        wait_seconds: WaitSeconds::default(),
        success_rate: None,
        attempts: AttemptCounts::default(),
        answer_rate: None,
        retry_success_rate: None,
        throughput_per_hour: None,
        processing_seconds: ProcessingSeconds::default(),
        business_hours_utilization: None,
        failure_reasons: vec![ReasonCount { reason: "busy".into(), count: 1 }],
        by: vec![Breakdown {
            hour: None,
            key: "09".into(),
            weekday: Some("Mon"),
            items: 1,
            attempts: 1,
            completed: 1,
            answer_rate: Some(1.0),
            finished: 1,
        }],
        pruned: PrunedCallsView::default(),
    };
    assert_eq!(
        fields(&view),
        "client_id since until total_items by_status by_priority due_now waiting_for_hours oldest_due_seconds \
         in_progress held wait_seconds success_rate attempts answer_rate retry_success_rate throughput_per_hour \
         processing_seconds business_hours_utilization failure_reasons by pruned"
    );
    assert_eq!(fields_at(&view, "/pruned"), "attempts in_breakdown from before");
    let statuses = "pending scheduled in_progress retry_scheduled completed failed cancelled";
    assert_eq!(fields_at(&view, "/by_status"), statuses);
    assert_eq!(fields_at(&view, "/by_priority"), "urgent high normal low");
    assert_eq!(fields_at(&view, "/wait_seconds"), "avg p50 p95 max");
    assert_eq!(fields_at(&view, "/processing_seconds"), "avg p50 p95");
    assert_eq!(fields_at(&view, "/attempts"), "total completed retry failed unknown accepted");
    assert_eq!(fields_at(&view, "/failure_reasons/0"), "reason count");
    assert_eq!(fields_at(&view, "/by/0"), "key weekday items attempts completed answer_rate finished");
}
