//! Random states of the queue.

use std::time::Duration;

use chrono::{Days, TimeDelta, Weekday};
use proptest::prelude::*;

use super::*;
use crate::compliance::{Rule, RuleBook, RuleText};
use crate::gates::law_in_force;
use crate::model::{
    ConsentKind, DispatchKind, DispatchSettings, LawPolicy, LeadPlace, MetaTest, NewConsent, NewDoNotCallEntry,
    Purpose, ShippedRules, UnknownNumber,
};
use crate::scheduler::{ClientRules, Holidays, HoursPolicy, Limits, PrimeHours, RetryPolicy, WeeklyHours};
use crate::store::{Decision, NewRegistryCopy, StepClock, Targets};

/// The registry that is asked.
const REGISTRY: &str = "us-national";

/// When it is, and what the policy says about that.
#[derive(Debug, Clone)]
struct Hours {
    /// Minutes from the beginning of two weeks.
    now: i64,
    zone: &'static str,
    business: &'static str,
    calling: &'static str,
    prime: Vec<u8>,
    is_holiday: bool,
    lead_zones: Vec<&'static str>,
    regions: Vec<&'static str>,
    blocks_unknown: bool,
}

/// A call that ended unknown, of another item or of the item in question.
#[derive(Debug, Clone)]
struct Unknown {
    phone: Option<&'static str>,
    is_own: bool,
    taken_until: i64,
    /// Whether a run has looked at the item in question since then.
    was_looked_at: bool,
    is_settled: bool,
}

/// What lists say of the number of the item in question.
#[derive(Debug, Clone)]
struct Lists {
    /// An entry of the do-not-call list, and whether it is for the client alone.
    entry: Option<(&'static str, bool)>,
    /// The copy of a registry that is asked: its age in days, whether it covers the number, whether it lists it.
    copy: Option<(u64, bool, bool)>,
    /// Whether the client has a purpose, without which registries are not asked.
    has_purpose: bool,
    /// Whether a rule requires an express consent.
    requires_consent: bool,
    consent: Option<ConsentKind>,
}

/// A call to a number that ended before, for another item of the client.
#[derive(Debug, Clone)]
struct Sibling {
    phone: &'static str,
    minutes_ago: i64,
    outcome: Outcome,
    /// Whether a run has looked at the item in question since then, and whether under the caps of now.
    looked_at: Option<bool>,
}

/// Everything that a case is made of; times in minutes from now.
#[derive(Debug, Clone)]
pub(super) struct Case {
    hours: Hours,
    kind: DispatchKind,
    is_faulty: bool,
    limits: Limits,
    priority: Priority,
    scheduled: i64,
    expires: Option<i64>,
    /// The minutes of the window of a promise.
    promised: Option<i64>,
    returned_until: Option<i64>,
    is_cancelled: bool,
    phone: Option<&'static str>,
    rival_phone: Option<&'static str>,
    unknown: Option<Unknown>,
    rest: i64,
    caps: Vec<&'static str>,
    sibling: Option<Sibling>,
    open_calls: usize,
    ended_calls: Vec<(i64, Outcome)>,
    pauses: Vec<Paused>,
    lists: Lists,
}

/// A pause, of a part by a test that an item without metadata passes or not.
#[derive(Debug, Clone)]
struct Paused {
    is_everything: bool,
    part: Option<&'static str>,
    until: Option<i64>,
}

prop_compose! {
    fn paused()(
        is_everything in any::<bool>(),
        part in prop::sample::select(vec![None, Some("campaign!=spring"), Some("campaign=spring")]),
        until in prop::option::of(1_i64..300),
    ) -> Paused {
        Paused { is_everything, part, until }
    }
}

prop_compose! {
    fn lists()(
        entry in prop::option::weighted(
            0.2, (prop::sample::select(vec!["+12125550101", "+1212*", "+12125550109", "+44*"]), any::<bool>()),
        ),
        copy in prop::option::of((prop_oneof![3 => Just(3_u64), 1 => Just(40_u64)], any::<bool>(), any::<bool>())),
        has_purpose in prop::bool::weighted(0.4),
        requires_consent in any::<bool>(),
        consent in prop::option::of(prop::sample::select(vec![ConsentKind::Written, ConsentKind::Express])),
    ) -> Lists {
        Lists { entry, copy, has_purpose, requires_consent, consent }
    }
}

prop_compose! {
    fn hours()(
        now in 0_i64..14 * 24 * 60,
        zone in prop::sample::select(vec!["America/New_York", "Europe/Berlin", "Asia/Kolkata"]),
        business in prop::sample::select(vec!["00:00-24:00", "00:00-24:00", "09:00-17:00", "20:00-04:00"]),
        calling in prop::sample::select(vec!["00:00-24:00", "08:00-21:00"]),
        prime in prop::sample::select(vec![vec![], vec![9, 10, 11, 14, 15, 16]]),
        is_holiday in prop::bool::weighted(0.1),
        lead_zones in prop::sample::select(vec![vec![], vec!["America/Los_Angeles"], vec!["UTC", "Asia/Tokyo"]]),
        regions in prop::sample::select(vec![vec![], vec![], vec!["US-FL"], vec!["US-PA"], vec!["FR", "US-PA"]]),
        blocks_unknown in prop::bool::weighted(0.1),
    ) -> Hours {
        Hours { now, zone, business, calling, prime, is_holiday, lead_zones, regions, blocks_unknown }
    }
}

prop_compose! {
    fn unknown()(
        phone in prop::option::weighted(0.8, prop::sample::select(vec!["+12125550101", "+12125550102"])),
        is_own in prop::bool::weighted(0.2),
        taken_until in prop_oneof![Just(0_i64), -10_i64..60],
        was_looked_at in any::<bool>(),
        is_settled in prop::bool::weighted(0.3),
    ) -> Unknown {
        Unknown { phone, is_own, taken_until, was_looked_at, is_settled }
    }
}

prop_compose! {
    fn sibling()(
        phone in prop::sample::select(vec!["+12125550101", "+12125550102"]),
        minutes_ago in 9_i64..100,
        outcome in prop::sample::select(vec![Outcome::Completed, Outcome::Failed, Outcome::Returned]),
        looked_at in prop::option::of(any::<bool>()),
    ) -> Sibling {
        Sibling { phone, minutes_ago, outcome, looked_at }
    }
}

prop_compose! {
    pub(super) fn case()(
        hours in hours(),
        kind in prop_oneof![4 => Just(DispatchKind::Simulate), 1 => Just(DispatchKind::None)],
        is_faulty in prop::bool::weighted(0.05),
        (max_concurrent, max_per_minute) in (1_u32..4, 0_u32..4),
        priority in prop::sample::select(Priority::ALL.to_vec()),
        scheduled in prop_oneof![4 => -300_i64..=0, 1 => 1_i64..300],
        expires in prop::option::weighted(0.3, prop_oneof![1 => -60_i64..=0, 3 => 1_i64..600]),
        returned_until in prop::option::weighted(0.3, -60_i64..60),
        promised in prop::option::weighted(0.3, 1_i64..200),
        is_cancelled in prop::bool::weighted(0.05),
        (phone, rival_phone) in (
            prop::option::of(prop::sample::select(vec!["+12125550101", "+12125550102"])),
            prop::option::of(Just("+12125550101")),
        ),
        unknown in prop::option::of(unknown()),
        (rest, sibling) in (prop::sample::select(vec![0_i64, 30, 90]), prop::option::of(sibling())),
        caps in prop::sample::subsequence(vec!["1/1h", "2/2h:line", "rest/1h:line:client"], 0..3),
        open_calls in 0_usize..3,
        ended_calls in prop::collection::vec(
            (
                prop_oneof![Just(-2_i64), Just(0)],
                prop_oneof![3 => Just(Outcome::Completed), 1 => Just(Outcome::Unavailable)],
            ),
            0..3,
        ),
        pauses in prop_oneof![
            3 => Just(Vec::new()),
            1 => prop::collection::vec(paused(), 1..3),
        ],
        lists in lists(),
    ) -> Case {
        Case {
            hours, kind, is_faulty, limits: Limits { max_concurrent, max_per_minute }, priority, scheduled, expires, promised, returned_until, is_cancelled, phone, rival_phone, unknown, rest, caps, sibling, open_calls, ended_calls,
            pauses, lists,
        }
    }
}

impl Case {
    /// Two weeks, with the night on which clocks change in New York.
    pub(super) fn now(&self) -> DateTime<Utc> {
        at("2026-10-26T00:00:00Z") + TimeDelta::minutes(self.hours.now)
    }

    pub(super) fn policy(&self) -> Policy {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        let hours = |days: &[Weekday], span: &str| {
            days.iter().fold(WeeklyHours::closed(), |hours, day| hours.with(*day, vec![span.parse().unwrap()]))
        };
        let zone: crate::scheduler::Zone = self.hours.zone.parse().unwrap();
        let mut holidays = Holidays::default();
        if self.hours.is_holiday {
            holidays.add_date(zone.local(self.now()).date());
        }
        let defaults = Policy::default();
        let law = LawPolicy {
            purpose: self.lists.has_purpose.then_some(Purpose::Service),
            rules: ShippedRules::Off,
            registries: vec![REGISTRY.to_owned()],
            registry_max_age: TimeDelta::days(31),
            registry_lifted_by: vec![ConsentKind::Written],
            unknown_number: if self.hours.blocks_unknown { UnknownNumber::Block } else { UnknownNumber::CallingHours },
            number_rest: TimeDelta::minutes(self.rest),
            caps: self.caps.iter().map(|cap| cap.parse().unwrap()).collect(),
            ..defaults.law.clone()
        };
        let rule = RuleText {
            id: "own".into(),
            jurisdiction: "*".into(),
            applies_to: "any".into(),
            requires: "consent:express".into(),
            citation: "counsel".into(),
            as_of: "2026-10-01".into(),
            ..RuleText::default()
        };
        let own =
            if self.lists.requires_consent { vec![Arc::new(Rule::read(rule, None).unwrap())] } else { Vec::new() };
        let book = RuleBook::new(&law, own).unwrap();
        Policy {
            hours: HoursPolicy {
                rules: ClientRules::new(book),
                zone,
                business: hours(&[Mon, Tue, Wed, Thu, Fri, Sat], self.hours.business),
                prime: PrimeHours::new(self.hours.prime.iter().copied()).unwrap(),
                calling: hours(&[Mon, Tue, Wed, Thu, Fri, Sat, Sun], self.hours.calling),
                holidays,
            },
            retry: RetryPolicy { jitter: 0.0, ..defaults.retry },
            limits: self.limits,
            dispatch: DispatchSettings { kind: self.kind, ..defaults.dispatch },
            fault: self.is_faulty.then(|| "config.toml:3:1: unknown key".to_owned()),
            law,
            ..defaults
        }
    }

    /// Whether the item was claimed an hour and a half ago: nothing stood in the way then.
    fn was_called(&self) -> bool {
        let number_was_free = self.phone.is_none() || self.phone != self.rival_phone;
        number_was_free && self.scheduled <= -90 && self.expires.is_none_or(|expires| expires > -90)
    }

    /// Lets a call end unknown, of another item or of the item in question, and what may follow.
    fn end_unknown(&self, unknown: &Unknown, item: ItemId, sandbox: &mut Sandbox) {
        let minutes = |minutes: i64| self.now() + TimeDelta::minutes(minutes);
        let taken_until = Some(minutes(unknown.taken_until));
        if unknown.is_own {
            if self.was_called() && self.returned_until.is_none() {
                let again = Resolution::RetryAt { at: minutes(self.scheduled), due: minutes(self.scheduled) };
                sandbox.call_and_keep(item, Some((Outcome::Unknown, again)), taken_until, minutes(-80));
            }
            return;
        }
        if unknown.phone.is_some() && unknown.phone == self.rival_phone {
            return;
        }
        let phone = unknown.phone.map(|phone| phone.parse().unwrap());
        let lost = sandbox.add("initech", &NewItem { phone, ..new_item("lost", minutes(-400)) }, minutes(-400));
        let held = Resolution::GaveUp { held: true };
        sandbox.call_and_keep(lost, Some((Outcome::Unknown, held)), taken_until, minutes(-20));
        let is_blocked = unknown.phone.is_some() && unknown.phone == self.phone && unknown.taken_until > -8;
        if unknown.was_looked_at && is_blocked {
            sandbox.look_at(item, &self.policy(), 0, minutes(-8));
        }
        if unknown.is_settled {
            sandbox.settle(lost, minutes(-7));
        }
    }

    /// Lets lists say of numbers what they say.
    fn fill_lists(&self, sandbox: &mut Sandbox) {
        let (now, by) = (self.now() - TimeDelta::days(1), Actor::named("tester"));
        let client: ClientId = "acme".parse().unwrap();
        if let Some((pattern, is_clients)) = self.lists.entry {
            let entry = NewDoNotCallEntry {
                pattern: pattern.parse().unwrap(),
                client: Some(client.clone()).filter(|_| is_clients),
                source: "test".to_owned(),
                reason: None,
                until: None,
                said_in: None,
            };
            sandbox.store.block_numbers(&[entry], &by, now).unwrap();
        }
        if let Some(kind) = self.lists.consent {
            let numbers = ["+12125550101", "+12125550102"].map(|number| number.parse().unwrap());
            let consents =
                numbers.map(|number| (number, NewConsent::given(kind, now - TimeDelta::hours(5), None, None)));
            sandbox.store.add_consents(&client, &consents, &by, now).unwrap();
        }
        if let Some((age, covers, is_listed)) = self.lists.copy {
            let as_of = self.now().date_naive() - Days::new(age);
            let covers = if covers { "212" } else { "646" }.parse().unwrap();
            let copy = NewRegistryCopy { name: REGISTRY, as_of, covers: &covers, max_age_days: None, by: &by, now };
            let generation = sandbox.store.begin_registry(&copy).unwrap();
            let numbers = if is_listed { vec![12_125_550_101] } else { Vec::new() };
            let clock = StepClock { elapsed: &|| Duration::ZERO, at_most: Duration::MAX };
            sandbox.store.add_registry_numbers(generation, &numbers, clock).unwrap();
            sandbox.store.swap_registry(REGISTRY, generation).unwrap();
        }
    }

    /// Builds the state: the item in question is the only one of its client that waits.
    pub(super) fn build(&self, sandbox: &mut Sandbox) -> ItemId {
        let (now, by) = (self.now(), Actor::named("tester"));
        let minutes = |minutes: i64| now + TimeDelta::minutes(minutes);
        self.fill_lists(sandbox);
        for number in 0..self.open_calls {
            let open = sandbox.add("acme", &new_item(&format!("open-{number}"), minutes(-400)), minutes(-400));
            sandbox.call(open, None, minutes(-30));
        }
        for (number, (started, outcome)) in self.ended_calls.iter().enumerate() {
            let ended = sandbox.add("acme", &new_item(&format!("ended-{number}"), minutes(-400)), minutes(-400));
            sandbox.call(ended, Some((*outcome, Resolution::Completed)), minutes(*started) - TimeDelta::seconds(5));
        }
        if let Some(sibling) = &self.sibling {
            let called = NewItem { phone: Some(sibling.phone.parse().unwrap()), ..new_item("sibling", minutes(-400)) };
            let called = sandbox.add("acme", &called, minutes(-400));
            let resolution = match sibling.outcome {
                Outcome::Completed => Resolution::Completed,
                _ => Resolution::GaveUp { held: false },
            };
            sandbox.call(called, Some((sibling.outcome, resolution)), minutes(-sibling.minutes_ago));
        }
        if let Some(phone) = self.rival_phone {
            let rival = NewItem { phone: Some(phone.parse().unwrap()), ..new_item("rival", minutes(-400)) };
            let rival = sandbox.add("globex", &rival, minutes(-400));
            sandbox.call(rival, None, minutes(-30));
        }
        let new = NewItem {
            priority: self.priority,
            promised_until: self.promised.map(|window| minutes(self.scheduled + window)),
            expires_at: self.expires.map(minutes),
            phone: self.phone.map(|phone| phone.parse().unwrap()),
            region: None,
            place: LeadPlace {
                regions: self.hours.regions.iter().map(|region| region.parse().unwrap()).collect(),
                ..LeadPlace::of_zones(self.hours.lead_zones.iter().map(|zone| zone.parse().unwrap()).collect())
            }
            .into(),
            ..new_item("target", minutes(self.scheduled))
        };
        let item = sandbox.add("acme", &new, minutes(-400));
        if let Some(until) = self.returned_until.filter(|_| self.was_called()) {
            let given_back = Resolution::Returned { not_before: Some(minutes(until)) };
            sandbox.call(item, Some((Outcome::Returned, given_back)), minutes(-90));
        }
        if let Some(unknown) = &self.unknown {
            self.end_unknown(unknown, item, sandbox);
        }
        for Paused { is_everything, part, until } in &self.pauses {
            let client: ClientId = "acme".parse().unwrap();
            let whose = Some(&client).filter(|_| !is_everything);
            let part: Vec<MetaTest> = part.iter().map(|test| test.parse().unwrap()).collect();
            sandbox.store.pause_part((whose, &part), until.map(minutes), None, &by, minutes(-10)).unwrap();
        }
        if let Some(is_of_now) = self.sibling.as_ref().and_then(|sibling| sibling.looked_at) {
            let policies = PolicyBook::new(self.policy(), BTreeMap::new());
            let law = if is_of_now { law_in_force(&policies) } else { 0 };
            sandbox.look_at(item, &self.policy(), law, minutes(-6));
        }
        if self.is_cancelled {
            let cancel = |item: &Item, _| -> Decision<()> {
                Decision::Write(Box::new(Item { status: Status::Cancelled, not_before: None, ..item.clone() }))
            };
            let edit = Edit { by: &by, at: minutes(-5), reason: None };
            sandbox.store.edit(&Targets::Ids(vec![(item, item)]), &edit, cancel).unwrap();
        }
        item
    }
}
