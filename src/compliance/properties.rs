//! Laws of numbers, hours and caps, over random questions.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{
    CallingCode, Cap, Dial, LegalHours, PastAttempt, Place, Rule, RuleSet, RuleText, check_caps, data, number, table,
};
use crate::model::{CapLimit, PhoneNumber, Purpose, Reached, Voice};
use crate::scheduler::{WeeklyHours, Zone};

/// Numbers of places whose rules have windows, Sundays, holidays or dates of force.
const NUMBERS: [&str; 10] = [
    "+18505550100",
    "+12125550101",
    "+14125550102",
    "+14015550103",
    "+12055550104",
    "+14165550105",
    "+33612345678",
    "+61412345678",
    "+442079460018",
    "+393471234567",
];

fn always() -> WeeklyHours {
    super::window::read("*=00:00-24:00").unwrap()
}

fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    // 2024 to 2037, and the days around the new Pennsylvania hours of 2026-10-18.
    prop_oneof![1_704_067_200_000..2_145_916_800_000_i64, 1_792_108_800_000..1_792_540_800_000_i64,]
        .prop_map(|millis| DateTime::from_timestamp_millis(millis).unwrap())
}

fn any_own_rule() -> impl Strategy<Value = Rule> {
    let windows = ["", "*=10:00-20:00 Sun=-", "Mon-Fri=09:00-12:00,13:00-18:00", "*=22:00-06:00", "*=00:00-24:00"];
    let holidays = ["", "US", "FR", "12-24 2026-11-27"];
    let jurisdictions = ["*", "US", "US-FL", "FR", "ZZ"];
    let dates = ["", "2026-11-01", "2029-01-01"];
    (0..windows.len(), 0..holidays.len(), 0..jurisdictions.len(), 0..dates.len()).prop_map(
        move |(window, days, place, from)| {
            let text = RuleText {
                id: "own".into(),
                jurisdiction: jurisdictions[place].into(),
                applies_to: "any".into(),
                window: windows[window].into(),
                holidays: holidays[days].into(),
                citation: "counsel".into(),
                as_of: "2026-11-20".into(),
                effective_from: dates[from].into(),
                ..RuleText::default()
            };
            Rule::read(text, None).unwrap()
        },
    )
}

proptest! {
    #[test]
    fn the_next_open_instant_is_open_and_the_first(
        lead in 0..NUMBERS.len(),
        at in any_instant(),
        purpose in prop_oneof![Just(None), proptest::sample::select(Purpose::ALL).prop_map(Some)],
        part in 0.0..1.0,
    ) {
        let (set, home) = (RuleSet::shipped().unwrap(), Zone::UTC);
        let calling = super::window::read("*=08:00-21:00").unwrap();
        let number: PhoneNumber = NUMBERS[lead].parse().unwrap();
        let place = Place::of(Some(&number), None, &[""; 0]);
        let zones: Vec<Zone> = place.zones.iter().map(|name| name.parse().unwrap()).collect();
        let hours = LegalHours::new(&calling, set.that_hold(&place.regions, purpose, Voice::Ai), &zones, &home);
        prop_assert_eq!(hours.is_open(at), hours.closed_by(at).is_empty());
        let next = hours.next_open(at).unwrap();
        prop_assert!(next >= at && hours.is_open(next));
        if next > at {
            prop_assert!(!hours.is_open(at));
            prop_assert!(!hours.is_open(next - TimeDelta::milliseconds(1)));
            let between = at + TimeDelta::milliseconds(((next - at).num_milliseconds() as f64 * part) as i64);
            prop_assert!(!hours.is_open(between));
            prop_assert_eq!(hours.next_open(between), Some(next));
        }
    }

    #[test]
    fn a_rule_of_ones_own_narrows_and_never_widens(
        lead in 0..NUMBERS.len(),
        at in any_instant(),
        own in any_own_rule(),
    ) {
        let (calling, home) = (always(), Zone::UTC);
        let shipped = RuleSet::shipped().unwrap();
        let with_own = shipped.clone().with([own.into()]).unwrap();
        let number: PhoneNumber = NUMBERS[lead].parse().unwrap();
        let place = Place::of(Some(&number), None, &[""; 0]);
        let zones: Vec<Zone> = place.zones.iter().map(|name| name.parse().unwrap()).collect();
        let rules = |set| RuleSet::that_hold(set, &place.regions, None, Voice::Human);
        let hours = |set| LegalHours::new(&calling, rules(set), &zones, &home);
        let (without, with) = (hours(&shipped), hours(&with_own));
        prop_assert!(without.is_open(at) || !with.is_open(at));
        let closed = with.closed_by(at);
        prop_assert!(without.closed_by(at).iter().all(|id| closed.contains(id)));
        let (without, with) = (without.next_open(at), with.next_open(at));
        prop_assert!(with.is_none_or(|with| without.is_some_and(|without| without <= with)));
    }

    #[test]
    fn a_number_reads_back_to_itself_also_with_the_code_of_another_country(
        plan in 0..table::rows(data::PLANS).count(),
        digits in "[0-9]{4,13}",
        other in prop_oneof![Just("1"), Just("44"), Just("39"), Just("7")],
    ) {
        let row = table::rows(data::PLANS).nth(plan).unwrap();
        let [code, ..] = table::cells::<7>(row);
        if let Ok(read) = number::read(&format!("+{code} {digits}"), None) {
            prop_assert_eq!(read.as_str(), format!("+{code}{digits}"));
            prop_assert_eq!(number::read(read.as_str(), other.parse().ok()), Ok(read.clone()));
            prop_assert_eq!(number::read(&format!("(+{code}) {digits}"), None), Ok(read));
        }
    }

    #[test]
    fn what_is_read_is_a_number_of_its_plan_and_nothing_panics(
        text in "[0-9+(). /\\-\u{a0}\u{202a}]{0,18}",
        code in prop_oneof![Just(""), Just("1"), Just("44"), Just("39"), Just("49"), Just("7"), Just("375"), Just("36")],
    ) {
        let country: Option<CallingCode> = code.parse().ok();
        match number::read(&text, country) {
            Ok(read) => {
                let digits = read.as_str().trim_start_matches('+');
                let own = CallingCode::beginning(digits).unwrap();
                prop_assert!(own.allows(&digits[own.digits().len()..]), "{text}: {read}");
                prop_assert!(text.contains('+') || Some(own) == country, "{text}: {read}");
            }
            Err(error) => prop_assert!(error.to_string().starts_with("phone number `"), "{error}"),
        }
    }

    #[test]
    fn caps_open_at_the_instant_they_name_and_not_before(
        now in any_instant(),
        attempts in proptest::collection::vec((-200_000_000..1_000_000_i64, proptest::sample::select(Reached::ALL)), 0..9),
        limits in proptest::collection::vec(
            proptest::sample::select(&["3/24h", "1/8h", "2/7d:line", "rest/24h:person", "rest/2d:network:client"][..]),
            1..4,
        ),
    ) {
        let caps: Vec<Cap> = limits
            .iter()
            .map(|limit| Cap { id: (*limit).into(), applies_to: "any".parse().unwrap(), limit: limit.parse::<CapLimit>().unwrap() })
            .collect();
        let attempts: Vec<PastAttempt<'_>> = attempts
            .iter()
            .map(|(ago, reached)| PastAttempt {
                at: now + TimeDelta::milliseconds(*ago),
                number: "+12125550101",
                client: "acme",
                purpose: None,
                voice: Some(Voice::Ai),
                reached: Some(*reached),
            })
            .collect();
        let dial = Dial { now, number: "+12125550101", client: "acme", purpose: None, voice: Voice::Ai };
        let verdict = check_caps(dial, &attempts, &caps);
        prop_assert_eq!(verdict.is_allowed(), verdict.until == now);
        let then = Dial { now: verdict.until, ..dial };
        prop_assert!(check_caps(then, &attempts, &caps).is_allowed());
        if !verdict.is_allowed() {
            let before = Dial { now: verdict.until - TimeDelta::milliseconds(1), ..dial };
            prop_assert!(!check_caps(before, &attempts, &caps).is_allowed());
        }
    }
}
