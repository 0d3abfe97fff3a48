//! `callq number`: what people write as a number, and where a number points to.
#![cfg(test)]

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::oracle::large_set_named;
use crate::support::Sandbox;

/// The cases of a sample, and of the large set where there is one.
fn cases(name: &str, sample: &str) -> Vec<Value> {
    let large = large_set_named(name).map(|file| std::fs::read_to_string(file).unwrap()).unwrap_or_default();
    sample.lines().chain(large.lines()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_case_is_read_or_refused_as_the_independent_program_does() {
    let sandbox = Sandbox::new();
    for case in cases("phones.jsonl", include_str!("../fixtures/law/phones.jsonl")) {
        let written = case["written"].as_str().unwrap();
        let mut line = vec!["number", "--json"];
        if let Some(code) = case["country_code"].as_str() {
            line.extend(["--country-code", code]);
        }
        line.extend(["--", written]);
        let run = sandbox.run(line);
        match case["expect"].as_str() {
            Some(number) => {
                let read = run.expect_code(0).json();
                assert_eq!((&read["e164"], &read["written"]), (&number.into(), &written.into()), "{case}");
            }
            None => {
                let run = run.expect_code(2);
                assert_eq!(run.stdout, "", "{case}");
                let error: Value = serde_json::from_str(&run.stderr).unwrap();
                assert_eq!(error["error"]["kind"], "invalid_phone", "{case}");
                let message = error["error"]["message"].as_str().unwrap();
                assert!(message.contains(case["says"].as_str().unwrap_or_default()), "{message}\n{case}");
            }
        }
    }
    assert!(!sandbox.database().exists());
}

#[test]
fn a_number_points_where_the_independent_program_says() {
    let sandbox = Sandbox::new();
    for case in cases("zones.jsonl", include_str!("../fixtures/law/zones.jsonl")) {
        // What a number alone tells is asked here; regions and given zones are those of a lead.
        let is_alone = case["region"].is_null() && case["timezones"] == json!([]);
        let Some(number) = case["number"].as_str().filter(|_| is_alone) else { continue };
        let read = sandbox.run(["number", "--json", number]);
        // Some of the numbers lie outside of their plan.
        if read.code == 2 {
            continue;
        }
        let read = read.expect_code(0).json();
        for field in ["prefix", "zones", "regions"] {
            assert_eq!(read[field], case["expect"][field], "{case}");
        }
    }
}

#[test]
fn the_shape_is_this() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        sandbox.run(["number", "(850) 555-0100", "--country-code", "1", "--format", "jsonl"]).text(),
        str![[r#"
{"written":"(850) 555-0100","e164":"+18505550100","prefix":"1850","zones":["America/Chicago","America/New_York"],"regions":["US-FL"]}
--- exit 0

"#]]
    );
    assert_data_eq!(
        sandbox.run("number +18505550100").text(),
        str![[r#"
+18505550100: US-FL, by America/Chicago and America/New_York (area code 850)
--- exit 0

"#]]
    );
    let toll_free = sandbox.run("number --json +18005550101").expect_code(0).json();
    assert_eq!((&toll_free["prefix"], &toll_free["zones"]), (&"1800".into(), &json!([])));
}

#[test]
fn the_country_is_the_flags_else_the_clients_else_none() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[defaults]\ncountry_code = \"49\"\n[clients.acme]\ncountry_code = \"1\"\n");
    let e164 =
        |sandbox: &Sandbox, line: &[&str]| sandbox.run(line).expect_code(0).json()["e164"].as_str().unwrap().to_owned();
    assert_eq!(e164(&sandbox, &["number", "--json", "030 901820"]), "+4930901820");
    assert_eq!(e164(&sandbox, &["number", "--json", "-c", "acme", "212 555 0101"]), "+12125550101");
    assert_eq!(
        e164(&sandbox, &["number", "--json", "-c", "acme", "--country-code", "44", "20 7946 0018"]),
        "+442079460018"
    );
    sandbox.run("number +12125550101 --country-code 999").expect_code(2);
    // The configuration is read only for what no flag says.
    sandbox.configure("nonsense");
    assert_eq!(e164(&sandbox, &["number", "--json", "--country-code", "1", "212 555 0101"]), "+12125550101");
    sandbox.run("number +12125550101").expect_code(5);
}
