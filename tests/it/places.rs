//! Where a lead is called from its number, its region and its zones.
#![cfg(test)]

use rusqlite::Connection;
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::Sandbox;

/// Region, zones, regions, evidence and the given zones of an item.
fn place(item: &Value) -> Value {
    json!([item["zones"], item["regions"], item["evidence"], item["region"], item["timezones"]])
}

#[test]
fn a_lead_is_called_by_the_zone_of_its_number() {
    let sandbox = Sandbox::new();
    // Monday, 10:00 in New York: in Los Angeles it is 07:00, and the rules of California open at 09:00.
    assert_data_eq!(
        sandbox.run("add -c acme lead --phone +12135550138").text(),
        str![[r#"
1  2026-11-23 12:00 EST  in 2 h
--- standard error
zone America/Los_Angeles from area code 213
--- exit 0

"#]]
    );
    let item = sandbox.run("show 1 --json").expect_code(0).json();
    assert_eq!(place(&item), json!([["America/Los_Angeles"], ["US-CA"], "number", null, []]));
}

#[test]
fn region_and_given_zones_follow_the_table() {
    let sandbox = Sandbox::new();
    for (flags, expected) in [
        ("--phone +18505550100", json!([["America/Chicago", "America/New_York"], ["US-FL"], "number", null, []])),
        (
            "--phone +18505550100 --region US-FL",
            json!([["America/Chicago", "America/New_York"], ["US-FL"], "number", "US-FL", []]),
        ),
        (
            "--phone +12125550101 --region US-CA",
            json!([["America/Los_Angeles", "America/New_York"], ["US-CA", "US-NY"], "number+region", "US-CA", []]),
        ),
        ("--region GB", json!([["Europe/London"], ["GB"], "region", "GB", []])),
        ("--phone +18005550101", json!([[], [], "none", null, []])),
        ("", json!([[], [], "none", null, []])),
        (
            "--phone +18505550100 --timezone Eastern",
            json!([["America/New_York"], ["US-FL"], "given", null, ["America/New_York"]]),
        ),
        (
            "--phone +18505550100 --timezone EST",
            json!([["America/New_York", "EST"], ["US-FL"], "given", null, ["America/New_York", "EST"]]),
        ),
    ] {
        let sandbox = Sandbox::new();
        let item = sandbox.run(format!("add --json -c acme lead {flags}")).expect_code(0).json();
        assert_eq!(place(&item), expected, "{flags}");
    }
    for flags in ["--region FL", "--region UK", "--timezone GMT-5", "--timezone -05:00", "--timezone IST"] {
        sandbox.run(format!("add -c acme lead {flags}")).expect_code(2);
    }
    sandbox.run("add -c acme lead --phone +61369855203 --timezone EST").expect_code(2);
}

#[test]
fn an_update_derives_the_place_anew_and_none_takes_a_value_away() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead --phone +12135550138 --expires 2026-12-01").expect_code(0);
    let update = |flags: &str| sandbox.run(format!("update 1 --json {flags}")).expect_code(0).json()[0].clone();
    assert_eq!(place(&update("--region US-NY"))[2], "number+region");
    assert_eq!(place(&update("--timezone America/Chicago"))[0], json!(["America/Chicago"]));
    assert_eq!(place(&update("--timezone none"))[0], json!(["America/Los_Angeles", "America/New_York"]));
    let item = update("--phone none --region none --expires never");
    assert_eq!(place(&item), json!([[], [], "none", null, []]));
    assert_eq!((&item["phone"], &item["expires_at"]), (&Value::Null, &Value::Null));
    let item = update("--phone +13125550112");
    assert_eq!(place(&item), json!([["America/Chicago"], ["US-IL"], "number", null, []]));
    sandbox.run("add -c acme new --phone none").expect_code(2);
}

#[test]
fn a_word_of_another_country_is_refused_by_the_number_of_the_item() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme lead --phone +442079460018").expect_code(0);
    let run = sandbox.run("update 1 --timezone EST").expect_code(4);
    assert!(run.stderr.contains("the number is of +44"), "{run}");
}

#[test]
fn a_batch_says_once_what_it_found() {
    let sandbox = Sandbox::new();
    let input = "lead_id,phone,timezone,region\na,+12135550138,,\nb,+12135550139,,US-NY\nc,+12125550101,EST,\n\
                 d,+12125550102,EST,\ne,,GMT-5,\nf,,,Florida\n";
    let run = sandbox.run_with_input("schedule-batch -c acme -f - --invalid skip", input);
    assert_data_eq!(
        run.text(),
        str![[r#"
4 scheduled (items 1 to 4), 0 skipped as duplicates, 2 invalid
1 group: 2026-11-23 10:00 EST to 2026-11-23 12:00 EST
  line 6 (e), timezone: time zone `GMT-5`: an offset is not a zone: name a place, such as America/New_York
  line 7 (f), region: unknown region `Florida`: write a code of ISO 3166, such as US-FL or DE
--- standard error
Reading standard input: comma, UTF-8. lead_id ← lead_id, phone ← phone, timezone ← timezone, region ← region.
2 leads are called by the zones of their numbers or regions
EST means America/New_York and EST: 2 leads
--- exit 0

"#]]
    );
}

#[test]
fn hours_of_a_number_and_of_a_region_are_those_of_their_zones() {
    let sandbox = Sandbox::new();
    let zones =
        |flags: &str| sandbox.run(format!("hours --json {flags}")).expect_code(0).json()["lead_timezones"].clone();
    assert_eq!(zones("--phone +12135550138"), json!(["America/Los_Angeles"]));
    assert_eq!(zones("--region US-HI"), json!(["Pacific/Honolulu"]));
    assert_eq!(zones("--phone +12135550138 --timezone Europe/London"), json!(["Europe/London"]));
    sandbox.run("hours --region FL").expect_code(2);
}

#[test]
fn a_search_compares_digits_with_digits() {
    let sandbox = Sandbox::new();
    sandbox.run("add -c acme a --phone +12125550101").expect_code(0);
    sandbox.run("add -c acme b --phone +12125550102").expect_code(0);
    let run = sandbox.run(["list", "--search", "(212) 555-0101", "--json"]).expect_code(0).json();
    assert_eq!((run.as_array().unwrap().len(), &run[0]["lead_id"]), (1, &"a".into()));
}

/// Makes the queue one whose number of item 1 version 0.1 took, and whose places no table has told yet.
fn make_old(sandbox: &Sandbox) {
    let old =
        "UPDATE items SET phone = '+15550100017' WHERE id = 1; UPDATE items SET zones = 0; DELETE FROM data_versions;";
    Connection::open(sandbox.database()).unwrap().execute_batch(old).unwrap();
}

#[test]
fn an_old_number_that_no_plan_allows_is_named_and_not_called() {
    let sandbox = Sandbox::dialling();
    sandbox.run("add -c acme a --phone +12125550101").expect_code(0);
    sandbox.run("add -c acme b --phone +12125550102").expect_code(0);
    make_old(&sandbox);
    let doctor = sandbox.run("doctor").text();
    assert!(doctor.contains("numbers: item 1: phone number `+15550100017` cannot be a number of +1"), "{doctor}");
    let why = sandbox.run("why 1 --json").expect_code(0).json();
    assert_eq!((&why["callable"], &why["next_call_at"]), (&false.into(), &Value::Null));
    sandbox.run("process").expect_code(0);
    let items = ["1", "2"].map(|id| sandbox.run(["show", id, "--json"]).expect_code(0).json());
    assert_eq!((&items[0]["status"], &items[0]["last_reason"]), (&"failed".into(), &"invalid_number".into()));
    assert_eq!((&items[0]["attempts"], &items[1]["attempts"]), (&0.into(), &1.into()));
}

#[test]
fn live_items_are_placed_anew_by_whatever_opens_the_queue_first() {
    for command in ["list", "why 2", "update 2 -p high"] {
        let sandbox = Sandbox::new();
        sandbox.run("add -c acme a --phone +12125550101").expect_code(0);
        sandbox.run("add -c acme b --phone +12135550138").expect_code(0);
        make_old(&sandbox);
        sandbox.run(command).expect_code(0);
        let item = sandbox.run("show 2 --json").expect_code(0).json();
        assert_eq!(place(&item), json!([["America/Los_Angeles"], ["US-CA"], "number", null, []]), "{command}");
    }
}
