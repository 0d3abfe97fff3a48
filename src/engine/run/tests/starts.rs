//! The gate before a claimed call begins.

use std::sync::Mutex;

use super::*;
use crate::dispatch::{Closed, StartAnswer, StartGate};
use crate::engine::DatabaseGate;
use crate::interrupt::StopSign;

/// Claims a lead that expires in two hours, lets `meanwhile` happen, and asks the gate about it.
fn asked(meanwhile: impl Fn(&mut Store, &ManualClock) + Send + 'static) -> Option<Closed> {
    let mut sandbox = Sandbox::new();
    let path = sandbox.folder.path().join("queue.db");
    let gate = DatabaseGate {
        path: path.clone(),
        leases: sandbox.leases(),
        policies: PolicyBook::new(sandbox.policy.clone(), BTreeMap::new()),
        clock: sandbox.clock.clone(),
        sign: StopSign::default(),
        store: Mutex::default(),
    };
    let lead = NewItem { expires_at: Some(sandbox.clock.now() + TimeDelta::hours(2)), ..sandbox.lead("a") };
    sandbox.add("acme", &lead);
    let (clock, answer) = (sandbox.clock.clone(), Arc::new(Mutex::new(None)));
    let told = answer.clone();
    sandbox.run(&RunRequest::default(), move |call| {
        let mut other = Store::open(&path, Access::Change).unwrap();
        meanwhile(&mut other, &clock);
        *told.lock().unwrap() = Some(gate.ask(call.attempt, call.item.id));
        end(Outcome::Completed, "answered")
    });
    match answer.lock().unwrap().take().unwrap() {
        StartAnswer::Open(_) => None,
        StartAnswer::Closed(closed) => Some(closed),
    }
}

#[test]
fn a_claimed_call_is_asked_about_every_gate_again() {
    let by = || Actor::named("ann");
    let closed = |meanwhile: fn(&mut Store, &ManualClock)| {
        let Closed { reason, detail } = asked(meanwhile).unwrap();
        format!("{reason}: {detail}")
    };
    assert_eq!(asked(|_, _| {}), None);
    assert_eq!(asked(|_, clock| clock.advance(TimeDelta::minutes(119))), None);
    assert_eq!(closed(|_, clock| clock.advance(TimeDelta::hours(2))), "expired: expired at 2026-11-23T17:00:00.000Z");
    let acme: ClientId = "acme".parse().unwrap();
    let paused = asked(move |store, clock| drop(store.pause(Some(&acme), None, None, &by(), clock.now()).unwrap()));
    assert_eq!(paused.unwrap().detail, "paused by ann");
    let everything = asked(move |store, clock| drop(store.pause(None, None, None, &by(), clock.now()).unwrap()));
    assert_eq!(everything.unwrap().detail, "everything is paused by ann");
    let other: ClientId = "globex".parse().unwrap();
    let others = asked(move |store, clock| drop(store.pause(Some(&other), None, None, &by(), clock.now()).unwrap()));
    assert_eq!(others, None);
    let withdrawn = asked(|store, clock| {
        let edit = Edit { by: &Actor::named("ann"), at: clock.now(), reason: None };
        let withdraw = |item: &Item| Decision::<String>::Write(Box::new(Item { no_retry: true, ..item.clone() }));
        store.edit(&Targets::Ids(vec![(ItemId::FIRST, ItemId::FIRST)]), &edit, |item, _| withdraw(item)).unwrap();
    });
    assert_eq!(withdrawn.unwrap().reason, "withdrawn");
    let late = asked(|store, clock| {
        let edit = Edit { by: &Actor::named("ann"), at: clock.now(), reason: None };
        let keep = |item: &Item| Decision::<String>::Write(Box::new(Item { expires_at: None, ..item.clone() }));
        store.edit(&Targets::Ids(vec![(ItemId::FIRST, ItemId::FIRST)]), &edit, |item, _| keep(item)).unwrap();
        clock.advance(TimeDelta::hours(7));
    });
    assert_eq!(late.unwrap().reason, "business_hours");
}
