//! Rules of the way into the queue, by the built-in policy: Monday to Friday 09:00–17:00 in New York.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::config::{Locations, load};
use crate::model::{Expiry, IfExists, Item, ItemId, LeadPlace, LeadRequest, Priority, RequestFields, Status};
use crate::query::item_next_call;
use crate::scheduler::{LegalPlace, Policy, PolicyBook, group_starts};
use crate::store::{NewItem, Obstacles};

/// Monday, 12:00 in New York.
const NOON: &str = "2026-11-23T17:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn policies() -> PolicyBook {
    load(&Locations::default()).unwrap().policies
}

fn request(fields: RequestFields) -> LeadRequest {
    LeadRequest { lead: "lead".parse().unwrap(), phone_names_lead: false, fields }
}

fn in_tokyo() -> RequestFields {
    RequestFields { timezones: vec!["Asia/Tokyo".to_owned()], ..RequestFields::default() }
}

fn item(new: NewItem, now: DateTime<Utc>) -> Item {
    Item {
        id: ItemId::from_row(1).unwrap(),
        key: new.key,
        client: "acme".parse().unwrap(),
        lead: new.lead,
        priority: new.priority,
        status: new.status,
        held: false,
        scheduled_at: new.scheduled_at,
        asked_at: None,
        promise: None,
        not_before: None,
        blocked_by: None,
        expires_at: new.expires_at,
        counted_attempts: 0,
        max_retries: new.max_retries,
        attempts: 0,
        no_retry: false,
        phone: new.phone,
        region: new.region,
        place: new.place,
        metadata: new.metadata,
        last_reason: None,
        created_at: now,
        created_by: "ann".to_owned(),
        updated_at: now,
    }
}

/// A waiting item of normal priority.
fn waiting(policy: &Arc<Policy>, now: DateTime<Utc>) -> Item {
    let mut planner = Planner::new(policy, now);
    let (lead, call) = planner.read(request(RequestFields::default())).unwrap();
    item(planner.plan(lead, &call).unwrap(), now)
}

fn batch<T>(policy: &Arc<Policy>, pace: Pace, with: impl FnOnce(&mut Batch<'_>) -> T) -> T {
    let flags = Planner::new(policy, at(NOON)).read_fields(RequestFields::default()).unwrap();
    with(&mut Batch::new(policy, at(NOON), flags, pace))
}

const ALL_AT_ONCE: Pace = Pace { size: 10, interval: TimeDelta::zero() };

#[test]
fn flags_and_a_record_that_ask_for_the_same_become_the_same_item() {
    let policies = policies();
    let policy = policies.defaults();
    let fields = RequestFields {
        key: Some("k".parse().unwrap()),
        priority: Some(Priority::High),
        at: Some("tomorrow 12:30".to_owned()),
        expires: Some(Expiry::At("+3d".to_owned())),
        max_retries: Some(1),
        phone: Some("+1 (212) 555-0100".to_owned()),
        timezones: ["America/Los_Angeles", "America/Chicago"].map(str::to_owned).to_vec(),
        metadata: Some(r#"{"a":1}"#.parse().unwrap()),
        ..RequestFields::default()
    };
    let mut planner = Planner::new(policy, at(NOON));
    let (lead, call) = planner.read(request(fields.clone())).unwrap();
    let by_flags = planner.plan(lead, &call).unwrap();
    let (by_record, _) = batch(policy, ALL_AT_ONCE, |batch| batch.plan(request(fields)).unwrap());
    assert_eq!(format!("{by_flags:?}"), format!("{by_record:?}"));
    assert_eq!((by_flags.scheduled_at, by_flags.status), (at("2026-11-24T19:00:00Z"), Status::Scheduled));
    assert_eq!(by_flags.place.zones, ["America/Chicago", "America/Los_Angeles"].map(|zone| zone.parse().unwrap()));
}

#[test]
fn the_groups_of_a_batch_start_when_the_scheduler_says() {
    let policies = policies();
    let policy = policies.defaults();
    let pace = Pace { size: 3, interval: TimeDelta::minutes(25) };
    let starts =
        group_starts(&policy.hours, LegalPlace::home(&policy.hours), Priority::Normal, at(NOON), pace.interval);
    let expected: Vec<_> = starts.take(40).flat_map(|start| [start; 3]).collect();
    batch(policy, pace, |batch| {
        let slots = expected.iter().map(|_| {
            let (new, _) = batch.plan(request(RequestFields::default())).unwrap();
            batch.join();
            new.scheduled_at
        });
        assert_eq!(slots.collect::<Vec<_>>(), expected);
        assert_eq!(batch.groups(), 40);
    });
}

#[test]
fn a_lead_that_does_not_join_leaves_its_place_to_the_next() {
    let policies = policies();
    let pace = Pace { size: 1, interval: TimeDelta::hours(1) };
    batch(policies.defaults(), pace, |batch| {
        assert!(batch.plan(request(in_tokyo())).is_err());
        let (first, _) = batch.plan(request(RequestFields::default())).unwrap();
        batch.join();
        let (second, _) = batch.plan(request(RequestFields::default())).unwrap();
        assert_eq!((first.scheduled_at, second.scheduled_at), (at(NOON), at("2026-11-23T18:00:00Z")));
        assert_eq!(batch.groups(), 1);
    });
}

#[test]
fn every_way_in_says_the_same_of_a_lead_that_could_never_be_called() {
    let policies = policies();
    let policy = policies.defaults();
    let mut planner = Planner::new(policy, at(NOON));
    let (lead, call) = planner.read(request(in_tokyo())).unwrap();
    let refusal = planner.plan(lead, &call).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "this lead could never be called: the client's hours for normal calls in America/New_York never overlap with \
         `calling_hours` in Asia/Tokyo"
    );
    let present = waiting(policy, at(NOON));
    assert_eq!(planner.revise(&present, &call).unwrap_err(), refusal);
    let replaced = planner.replace(IfExists::Replace, &present, &call);
    assert_eq!(replaced.unwrap_err(), refusal);
    let cancelled = Item {
        status: Status::Cancelled,
        place: LeadPlace::of_zones(vec!["Asia/Tokyo".parse().unwrap()]).into(),
        ..present
    };
    assert_eq!(planner.send_again(&cancelled, Obstacles::default()).unwrap_err(), refusal);
    let bad = batch(policy, ALL_AT_ONCE, |batch| batch.plan(request(in_tokyo())).unwrap_err());
    assert_eq!((bad.field, bad.message), ("timezone", refusal.to_string()));
}

#[test]
fn the_next_call_that_a_change_found_is_the_one_that_a_search_finds() {
    let policies = policies();
    let policy = policies.defaults();
    let changes = [
        RequestFields { priority: Some(Priority::Low), ..RequestFields::default() },
        RequestFields { priority: Some(Priority::Urgent), ..RequestFields::default() },
        RequestFields { at: Some("now".to_owned()), ..RequestFields::default() },
        RequestFields { at: Some("tomorrow 07:00".to_owned()), ..RequestFields::default() },
        RequestFields { timezones: vec!["America/Los_Angeles".to_owned()], ..RequestFields::default() },
        RequestFields { max_retries: Some(7), ..RequestFields::default() },
    ];
    for now in [NOON, "2026-11-23T12:00:00Z", "2026-11-28T12:00:00Z"].map(at) {
        for not_before in [None, Some(now - TimeDelta::hours(1)), Some(now + TimeDelta::hours(30))] {
            let present = Item { not_before, ..waiting(policy, now - TimeDelta::days(2)) };
            let mut planner = Planner::new(policy, now);
            for fields in &changes {
                let call = planner.read_fields(fields.clone()).unwrap();
                let revised = planner.revise(&present, &call).unwrap();
                let searched = item_next_call(&policies, &revised.item, now);
                match revised.next_call_at {
                    Some(known) => assert_eq!(Some(known), searched, "{now} {not_before:?} {fields:?}"),
                    None => assert!(fields.max_retries.is_some() || revised.item.not_before > Some(now)),
                }
            }
        }
    }
}
