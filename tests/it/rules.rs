//! `callq rules`: what holds for a number and why, rules of one's own, and that every command keeps the hours of law.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::oracle::large_set_named;
use crate::support::Sandbox;

/// Monday, 10:00 in New York.
const MONDAY: &str = "2026-11-23T15:00:00Z";
/// Sunday, 19:00 in New York.
const SUNDAY_EVENING: &str = "2026-11-30T00:00:00Z";

/// A client in New York, and one that works on Sundays too.
const CONFIG: &str = r#"
[clients.acme.law]
purpose = "sales"
[clients.late]
active_days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
dispatch = { kind = "simulate" }
[clients.late.business_hours]
start = "09:00"
end = "21:00"
"#;

fn sandbox(now: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(CONFIG);
    sandbox.set_now(now);
    sandbox
}

/// Each case of a set, as the command line answers it.
fn each_case(name: &str, sample: &str, mut check: impl FnMut(&Sandbox, &Value)) {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ntimezone = \"UTC\"\n");
    let large = large_set_named(name).map(|file| std::fs::read_to_string(file).unwrap());
    let lines = sample.lines().chain(large.as_deref().unwrap_or_default().lines());
    lines.for_each(|line| check(&sandbox, &serde_json::from_str(line).unwrap()));
    assert!(!sandbox.database().exists(), "no database is needed");
}

/// The words that ask for the lead of a case.
fn lead(case: &Value) -> Vec<String> {
    let mut words: Vec<String> = ["rules", "for", "--json"].map(str::to_owned).to_vec();
    words.extend(case["number"].as_str().map(str::to_owned));
    words.extend(case["region"].as_str().map(|region| format!("--region={region}")));
    let zones = case["timezones"].as_array().unwrap().iter();
    words.extend(zones.map(|zone| format!("--timezone={}", zone.as_str().unwrap())));
    words
}

#[test]
fn the_place_of_a_lead_is_that_of_the_independent_program() {
    each_case("zones.jsonl", include_str!("../fixtures/law/zones.jsonl"), |sandbox, case| {
        let words = lead(case);
        if words.len() == 3 {
            return;
        }
        let run = sandbox.run(&words);
        if case["expect"].is_null() {
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{case}\n{run:?}");
            return;
        }
        let answer = run.expect_code(0).json();
        for field in ["prefix", "zones", "regions", "evidence"] {
            assert_eq!(answer[field], case["expect"][field], "{field} of {case}");
        }
    });
}

#[test]
fn the_hours_of_a_lead_are_those_of_the_independent_program() {
    each_case("rules.jsonl", include_str!("../fixtures/law/rules.jsonl"), |sandbox, case| {
        let mut words = lead(case);
        if words.len() == 3 {
            return;
        }
        words.extend(["--at", case["at"].as_str().unwrap()].map(str::to_owned));
        words.extend(["--voice", case["voice"].as_str().unwrap()].map(str::to_owned));
        words.extend(case["purpose"].as_str().map(|purpose| format!("--purpose={purpose}")));
        let answer = sandbox.run(&words).expect_code(0).json();
        assert_eq!(
            (&answer["zones"], &answer["regions"]),
            (&case["place"]["zones"], &case["place"]["regions"]),
            "{case}"
        );
        for field in ["open", "closed_by", "next_open"] {
            assert_eq!(answer[field], case["expect"][field], "{field} of {case}");
        }
        assert_eq!(answer["at"], case["at"]);
    });
}

#[test]
fn what_holds_for_a_number_is_a_table_with_sources_and_the_hours_of_a_week() {
    let sandbox = sandbox(MONDAY);
    assert_data_eq!(
        sandbox.run("rules for +18505550100 -c acme").text(),
        str![[r#"
+18505550100: US-FL, by America/Chicago and America/New_York (area code 850)
id               hours        caps, needs              source
us-ai-mobile     -            needs consent: express   47 CFR 64.1200(a)(1)(iii); FCC 24-17
us-ai-sales      -            needs consent: written   47 CFR 64.1200(a)(2), (a)(3), (f)(9); FCC 24-17
us-fl            08:00-20:00  3 in 24 h                Fla. Stat. 501.616(6); presumption 501.059(8)(d)
us-hours         08:00-21:00  -                        47 CFR 64.1200(c)(1), (e); 16 CFR 310.4(c)
us-internal-dnc  -            needs dnc: internal      47 CFR 64.1200(a)(10), (d)(3), (d)(6); 16 CFR 310.4(b)(1)(iii)(A)
us-registry      -            needs us-national, 31 d  47 CFR 64.1200(c)(2)(i)(D); 16 CFR 310.4(b)(3)(iv); 16 CFR 310.8(a)
us-ring          -            needs ring of 15 s       47 CFR 64.1200(a)(6); 16 CFR 310.4(b)(4)(ii)
open for acme: Mon to Fri 09:00-17:00 EST
--- exit 0

"#]]
    );
    assert!(!sandbox.database().exists());
    let answer = sandbox.run("rules for +18505550100 -c acme --json --at 2026-11-29T01:30:00Z").expect_code(0).json();
    let fields = [
        "number",
        "prefix",
        "region",
        "zones",
        "regions",
        "evidence",
        "purpose",
        "voice",
        "at",
        "open",
        "closed_by",
        "next_open",
        "rows",
    ];
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), fields);
    assert_eq!(
        (&answer["closed_by"], &answer["next_open"], &answer["open"]),
        (&json!(["us-fl"]), &json!("2026-11-29T14:00:00.000Z"), &json!(false))
    );
    assert_eq!(
        answer["rows"][2],
        json!({"id": "us-fl", "jurisdiction": "US-FL", "window": "*=08:00-20:00", "holidays": null,
            "caps": ["3/24h:network:number"], "requires": null,
            "citation": "Fla. Stat. 501.616(6); presumption 501.059(8)(d)", "as_of": "2026-10-19", "confidence": "primary"})
    );
    for (words, said) in [
        ("rules for --region ZZ", "unknown region `ZZ`"),
        ("rules for --timezone Mars/Base", "unknown time zone `Mars/Base`"),
        ("rules for 5550100", "5550100"),
        ("rules for", "needs a number, --region or --timezone"),
    ] {
        let run = sandbox.run(words);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{words}: {run:?}");
        assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
    }
}

#[test]
fn rules_are_listed_by_purpose_and_region_and_shown_whole() {
    let sandbox = sandbox(MONDAY);
    let ids = |words: &str| {
        let rows = sandbox.run(words).expect_code(0).json();
        rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(ids("rules list --json").len() > 60);
    let debt = ids("rules list --for debt --in US-FL --json");
    assert!(debt.contains(&"us-debt-hours".to_owned()) && !debt.contains(&"us-fl".to_owned()), "{debt:?}");
    let shown = sandbox.run("rules show us-fl").expect_code(0).stdout;
    for said in
        ["rule         us-fl", "holds in     US-FL", "citation     Fla. Stat. 501.616(6)", "as of        2026-10-19"]
    {
        assert!(shown.contains(said), "{said}\n{shown}");
    }
    assert_eq!(sandbox.run("rules show us-fl --json").expect_code(0).json()["default"], "on");
    let unknown = sandbox.run("rules show us-fll");
    assert_eq!(unknown.code, 3);
    assert!(unknown.stderr.contains("no rule `us-fll`; did you mean `us-fl`?"), "{}", unknown.stderr);
}

#[test]
fn every_command_keeps_the_hours_of_the_rules_and_why_names_row_and_law() {
    let sandbox = sandbox(SUNDAY_EVENING);
    // Pennsylvania closes Sundays; the client works until 21:00.
    let added = sandbox.run("add -c late lead --phone +12155550123 --json").expect_code(0).json();
    assert_eq!(added["next_call_at"], "2026-11-30T14:00:00.000Z");
    assert_data_eq!(
        sandbox.run("why 1").expect_code(0).stdout.lines().next().unwrap(),
        str![
            "us-pa-2026 closes Sundays (73 P.S. 2245(a) by Act 47 of 2026 (SB 992)); next call Mon 2026-11-30 09:00 EST (in 14 h)"
        ]
    );
    let gates = sandbox.run("why 1 --json").expect_code(0).json()["gates"].clone();
    let closed: Vec<&Value> = gates.as_array().unwrap().iter().filter(|gate| gate["open"] == false).collect();
    let names: Vec<&str> = closed.iter().map(|gate| gate["gate"].as_str().unwrap()).collect();
    assert_eq!(names, ["due", "law"]);
    assert_eq!(sandbox.run("list --json").expect_code(0).json()[0]["next_call_at"], "2026-11-30T14:00:00.000Z");
    assert_eq!(sandbox.run("process --dry-run --json").expect_code(0).json(), json!([]));
    let hours = |words: &str| sandbox.run(format!("hours -c late --json {words}")).expect_code(0).json();
    assert_eq!(hours("--phone +12155550123")["next_call_at"], "2026-11-30T14:00:00.000Z");
    assert_eq!(hours("--region US-PA")["next_call_at"], "2026-11-30T14:00:00.000Z");
    // New York has no such rule.
    assert_eq!(hours("--region US-NY")["next_call_at"], "2026-11-30T00:00:00.000Z");
    // Nor has a region whose rule is taken out for a reason.
    let off = format!("{CONFIG}[clients.late.law.rules_off]\nus-pa-2026 = \"counsel, 2026-11-20\"\n");
    let mut without = sandbox.copy();
    without.configure(&off);
    let answer = without.run("hours -c late --json --region US-PA").expect_code(0).json();
    assert_eq!(answer["next_call_at"], "2026-11-30T00:00:00.000Z");
}

#[test]
fn a_rule_of_ones_own_narrows_and_is_named() {
    let mut sandbox = sandbox(MONDAY);
    let own = "[[rules]]\nid = \"acme-ny\"\njurisdiction = \"US-NY\"\napplies_to = \"any\"\nwindow = \"*=13:00-14:00\"\n\
               citation = \"counsel, 2026-11-20\"\nas_of = \"2026-11-20\"\n";
    sandbox.configure(&format!("{CONFIG}{own}"));
    let hours = sandbox.run("hours -c acme --region US-NY --days 1").expect_code(0).stdout;
    assert!(hours.contains("Mon 2026-11-23  13:00 EST  14:00 EST"), "{hours}");
    sandbox.run("add -c late lead --phone +12125550123").expect_code(0);
    let why = sandbox.run("why 1").expect_code(0).stdout;
    assert!(
        why.starts_with("acme-ny allows 13:00-14:00 (counsel, 2026-11-20); next call Mon 2026-11-23 13:00 EST"),
        "{why}"
    );
    assert_eq!(sandbox.run("rules for --region US-NY --json").expect_code(0).json()["closed_by"], json!(["acme-ny"]));
    let never = sandbox.run("add -c acme other --region US-NY --expires 2026-11-23T16:00:00Z");
    assert_eq!(never.code, 4, "{never:?}");
}

#[test]
fn why_names_no_rule_that_has_ended() {
    let mut sandbox = sandbox(MONDAY);
    let row = |id: &str, day: &str| {
        format!(
            "[[rules]]\nid = \"{id}\"\njurisdiction = \"US-NY\"\napplies_to = \"any\"\nwindow = \"*=13:00-14:00\"\n\
             citation = \"counsel\"\nas_of = \"2026-11-20\"\n{day}\n"
        )
    };
    let rows = [row("over", "effective_to = \"2026-11-23\""), row("later", "effective_from = \"2026-12-01\"")];
    sandbox.configure(&format!("{CONFIG}{}", rows.concat()));
    sandbox.run("add -c late lead --phone +12125550123").expect_code(0);
    let why = sandbox.run("why 1").expect_code(0).stdout;
    assert!(!why.contains("over is open") && why.contains("later is open until Tue 2026-12-01 00:00 EST"), "{why}");
}

#[test]
fn a_number_that_points_nowhere_is_called_by_calling_hours_or_blocked() {
    let mut sandbox = sandbox(MONDAY);
    sandbox.run("add -c late lead --phone +18005550123").expect_code(0);
    let place = |sandbox: &Sandbox| {
        let gates = sandbox.run("why 1 --json").expect_code(0).json()["gates"].clone();
        gates.as_array().unwrap().iter().find(|gate| gate["gate"] == "place").unwrap().clone()
    };
    assert_eq!(place(&sandbox)["detail"], "no region is known: calling_hours alone hold, by the client's clock");
    sandbox.configure(&format!("{CONFIG}[defaults.law]\nunknown_number = \"block\"\n"));
    let blocked = place(&sandbox);
    assert_eq!(blocked["open"], false);
    assert_eq!(
        blocked["detail"],
        "no region is known, and `law.unknown_number` is block: `callq update ID --region` names it"
    );
    assert_eq!(sandbox.run("process --dry-run --json").expect_code(0).json(), json!([]));
    let refused = sandbox.run("add -c late other --phone +18005550124");
    assert_eq!(refused.code, 4);
    assert!(refused.stderr.contains("nothing tells the region of the lead"), "{}", refused.stderr);
    let told = sandbox.run("rules for +18005550123 -c late").expect_code(0).stdout;
    assert!(told.contains("never for late: `law.unknown_number` is block"), "{told}");
    sandbox.run("update 1 --region US-CA").expect_code(0);
    assert_eq!(place(&sandbox)["open"], true);
}

#[test]
fn check_names_what_is_old_unknown_or_too_often() {
    let mut sandbox = sandbox(MONDAY);
    let warnings = |sandbox: &Sandbox, words: &str| {
        let rows = sandbox.run(words).expect_code(0).json();
        rows.as_array().unwrap().iter().map(|row| row["detail"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let shipped = warnings(&sandbox, "rules check --json");
    let ladder = "call 4, 50 min after the first, is one too many in 24 h for us-fl, us-md, us-ok, us-or: it waits";
    assert!(shipped.iter().any(|said| said == ladder), "{shipped:#?}");
    assert_eq!(shipped.iter().filter(|said| said.contains("of low confidence")).count(), 1, "{shipped:#?}");
    let purpose = "`law.purpose` is not set";
    let all = warnings(&sandbox, "config check --json");
    assert_eq!(all.iter().filter(|said| said.starts_with(purpose)).count(), 1, "{all:#?}");
    assert!(all.iter().any(|said| said == ladder));
    let own = |id: &str, fields: &str| {
        format!("[[rules]]\nid = \"{id}\"\napplies_to = \"any\"\ncitation = \"counsel\"\n{fields}\n")
    };
    sandbox.configure(&format!(
        "[defaults]\nmax_retries = 1\n[defaults.law]\npurpose = \"service\"\ncaps = [\"1/24h\"]\n{}{}{}",
        own("old", "jurisdiction = \"US-TX\"\nas_of = \"2025-11-20\"\neffective_to = \"2026-12-24\""),
        own("nowhere", "jurisdiction = \"XX\"\nas_of = \"2026-11-20\""),
        own("night", "jurisdiction = \"US-NY\"\nas_of = \"2026-11-20\"\nwindow = \"*=05:00-07:00\""),
    ));
    let found = warnings(&sandbox, "rules check --json");
    for said in [
        "rule `old` is as of 2025-11-20, more than 12 months old: read it again",
        "rule `old` ends before 2026-12-24: look for what follows it",
        "rule `nowhere`: no region `XX` is known, so that it never holds",
        "rule `night`: its window *=05:00-07:00 never meets the business hours: nobody can be called there",
        "call 2, 5 min after the first, is one too many in 24 h for law.caps: it waits",
    ] {
        assert!(found.iter().any(|found| found == said), "{said}\n{found:#?}");
    }
    let places = sandbox.run("rules check").expect_code(0).stdout;
    for place in ["config.toml:14:6: rule `nowhere`", "config.toml:20:6: rule `night`"] {
        assert!(places.contains(place), "{place}\n{places}");
    }
    sandbox.set_now("2027-06-01T15:00:00Z");
    let found = warnings(&sandbox, "rules check --json");
    assert!(found.iter().any(|said| said.contains("more than 6 months old: use a newer callq")), "{found:#?}");
    assert!(!found.iter().any(|said| said.contains("rules read more than 12 months ago")), "{found:#?}");
    sandbox.set_now("2028-06-01T15:00:00Z");
    let found = warnings(&sandbox, "rules check --json");
    assert!(found.iter().any(|said| said.starts_with("rules read more than 12 months ago: us-")), "{found:#?}");
}

#[test]
fn the_caps_of_a_rule_hold_where_it_does() {
    let mut sandbox = Sandbox::dialling();
    let config = std::fs::read_to_string(sandbox.path("config/config.toml")).unwrap();
    let own = "[[rules]]\nid = \"acme-fl\"\njurisdiction = \"US-FL\"\napplies_to = \"sales\"\ncaps = [\"2/24h\"]\n\
               citation = \"counsel\"\nas_of = \"2026-11-20\"\n";
    let config = config.replace("purpose = \"service\"\n", "purpose = \"sales\"\nrules = \"off\"\n");
    sandbox.configure(&format!("{config}{own}"));
    for (lead, number) in
        [("busy-1", "3055550123"), ("busy-2", "3055550123"), ("busy-3", "3055550123"), ("busy-4", "2125550123")]
    {
        sandbox.run(format!("add -c acme {lead} --phone +1{number}")).expect_code(0);
    }
    for _ in 0..4 {
        sandbox.run("process").expect_code(0);
    }
    let item = |id: u64| sandbox.run(format!("show {id} --json")).expect_code(0).json();
    assert_eq!((&item(2)["attempts"], &item(4)["attempts"]), (&json!(1), &json!(1)), "another region has no such cap");
    assert_eq!((&item(3)["attempts"], &item(3)["blocked_by"]), (&json!(0), &json!("cap")));
    let why = sandbox.run("why 3").expect_code(0).stdout;
    assert!(why.contains("acme-fl allows no more before "), "{why}");
}
